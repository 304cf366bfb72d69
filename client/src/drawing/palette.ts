/** Colours of land and sky, used until the server sends the colours of its model's training sketches. */
export const DEFAULT_PALETTE: readonly string[] = Object.freeze([
  '#fff1c4',
  '#f2c27a',
  '#d9825b',
  '#f2f5f8',
  '#c3d9e4',
  '#86b1d8',
  '#4a6fa0',
  '#8ea2bb',
  '#6c9cc0',
  '#6f8f63',
  '#2f4a35',
  '#2b2a2c',
]);
