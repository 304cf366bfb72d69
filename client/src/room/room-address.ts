/** A new key: 128 random bits as base64url. */
export function newRoomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The parameter of the fragment that holds the key, unless the page chooses another. */
export const ROOM_PARAMETER = 'room';

/**
 * The page's address with the key of a room in its fragment, or without one if the key is empty. The rest of the fragment is
 * the page's: other parameters stay as they are, and after a route or the name of a place the key follows a question mark.
 * Browsers never send the fragment.
 */
export function roomAddress(page: string, key: string, name = ROOM_PARAMETER): string {
  const url = new URL(page);
  const { route, parameters } = parts(url.hash.slice(1));
  const others = parameters.filter((parameter) => nameOf(parameter) !== name);
  const all = [...others, ...(key === '' ? [] : [`${encodeURIComponent(name)}=${key}`])].join('&');
  url.hash = route !== '' && all !== '' ? `${route}?${all}` : route + all;
  return url.href;
}

/** The key in an address; empty if it has none. */
export function roomKeyOf(page: string, name = ROOM_PARAMETER): string {
  const { parameters } = parts(new URL(page).hash.slice(1));
  return new URLSearchParams(parameters.filter((parameter) => nameOf(parameter) === name).join('&')).get(name) ?? '';
}

/** A fragment such as `a=1&b=2`, `/gallery/3` or `/gallery/3?a=1`. */
function parts(fragment: string): { readonly route: string; readonly parameters: readonly string[] } {
  const isList = /^[\w.~%-]+=/.test(fragment);
  const [route = '', query = ''] = isList ? ['', fragment] : split(fragment);
  return { route, parameters: query.split('&').filter((parameter) => parameter !== '') };
}

function split(fragment: string): [string, string] {
  const at = fragment.indexOf('?');
  return at < 0 ? [fragment, ''] : [fragment.slice(0, at), fragment.slice(at + 1)];
}

function nameOf(parameter: string): string {
  return new URLSearchParams(parameter).keys().next().value ?? '';
}
