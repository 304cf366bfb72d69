const STORED_AS = 'underpaint-colours';
const MAX_COLOURS = 8;

/** The colours that the person drew with, the latest first. */
export function recentColours(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED_AS) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isColour).slice(0, MAX_COLOURS) : [];
  } catch {
    return [];
  }
}

/** @returns the recent colours with this one first */
export function keepColour(color: string): readonly string[] {
  const colours = [color, ...recentColours().filter((other) => other !== color)].slice(0, MAX_COLOURS);
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(colours));
  } catch {
    // The browser keeps no data: they are gone with the page.
  }
  return colours;
}

function isColour(value: unknown): value is string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value);
}
