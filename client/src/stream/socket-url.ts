/**
 * The WebSocket address of a service: `https://host/base/` makes `wss://host/base/ws`. One that does not end in a slash
 * is taken as it is; relative ones are taken from the page's address.
 */
export function socketUrl(server: string | URL): URL {
  const url = new URL(server, document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname.endsWith('/')) url.pathname += 'ws';
  return url;
}
