/**
 * The WebSocket address of a service: `https://host/base/` becomes `wss://host/base/ws`. An address that does not end in
 * a slash is complete. A relative address is resolved against the page.
 *
 * @throws TypeError if the address is not valid, or relative outside of a page
 */
export function socketUrl(server: string | URL): URL {
  const url = new URL(server, globalThis.document?.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname.endsWith('/')) url.pathname += 'ws';
  return url;
}

/** The page that a service shows to people, for the same addresses as `socketUrl`. */
export function pageOf(server: string | URL): string {
  const url = socketUrl(server);
  url.protocol = url.protocol.replace('ws', 'http');
  url.pathname = url.pathname.replace(/ws$/, '');
  url.search = '';
  return url.href;
}
