/** A new key: 128 random bits as base64url. */
export function newRoomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The page's address with the key of a room, or without one if the key is empty. Browsers never send the part after `#`. */
export function roomAddress(page: string, key: string): string {
  const url = new URL(page);
  url.hash = key === '' ? '' : `room=${key}`;
  return url.href;
}

/** The key in an address; empty if it has none. */
export function roomKeyOf(page: string): string {
  return new URLSearchParams(new URL(page).hash.slice(1)).get('room') ?? '';
}
