/** Colours that distinguish the people in a room. White text on them is readable. */
const COLOURS = ['#1f6569', '#a1480a', '#2458b8', '#a32063', '#4a6b1f', '#7a3e9d', '#b3261e', '#5b5347'] as const;

export function personColour(colour: number): string {
  return COLOURS[colour % COLOURS.length]!;
}
