/** A new key: 128 random bits, fit for an address. */
export function newRoomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The address of a page that enters a room, or no room when the key is empty. What follows `#` is never sent to the server that gives out the page. */
export function roomAddress(page: string, key: string): string {
  const url = new URL(page);
  url.hash = key === '' ? '' : `room=${key}`;
  return url.href;
}

/** The key in an address; empty when it has none. */
export function roomKeyOf(page: string): string {
  return new URLSearchParams(new URL(page).hash.slice(1)).get('room') ?? '';
}
