/** Ends of the hues, in degrees, with their names. */
const HUES: readonly (readonly [until: number, name: string])[] = [
  [15, 'red'],
  [42, 'orange'],
  [68, 'yellow'],
  [165, 'green'],
  [195, 'teal'],
  [255, 'blue'],
  [290, 'purple'],
  [340, 'pink'],
  [361, 'red'],
];

/**
 * A name for a colour, such as "light blue" or "dark grey", from its hue, saturation and lightness.
 *
 * @param color as #rrggbb
 */
export function colourName(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  const [max, min] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const light = (max + min) / 2;
  if (light > 0.95) return 'white';
  if (light < 0.08) return 'black';
  const range = max - min;
  const saturation = range / (1 - Math.abs(2 * light - 1) || 1);
  const shade = light > 0.72 ? 'light ' : light < 0.35 ? 'dark ' : '';
  if (saturation < 0.12 || range < 0.06) return `${shade}grey`;
  const sector =
    max === red ? (green - blue) / range : max === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  const hue = (sector * 60 + 360) % 360;
  const name = HUES.find(([until]) => hue < until)![1];
  if (name === 'orange' && light < 0.45) return `${light < 0.3 ? 'dark ' : ''}brown`;
  return shade + (saturation < 0.3 ? 'greyish ' : '') + name;
}
