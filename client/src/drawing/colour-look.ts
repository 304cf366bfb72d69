type Hue = 'red' | 'orange' | 'brown' | 'yellow' | 'green' | 'teal' | 'blue' | 'purple' | 'pink';

/** What a colour looks like, for a name such as "light greyish blue" or "dark grey". */
export interface ColourLook {
  readonly name: Hue | 'white' | 'grey' | 'black';
  readonly shade?: 'light' | 'dark' | undefined;
  readonly isGreyish?: boolean;
}

/** Ends of the hues, in degrees, with their names. */
const HUES: readonly (readonly [until: number, name: Hue])[] = [
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
 * The look of a colour, from its hue, saturation and lightness.
 *
 * @param color as #rrggbb
 */
export function colourLook(color: string): ColourLook {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  const [max, min] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const light = (max + min) / 2;
  if (light > 0.95) return { name: 'white' };
  if (light < 0.08) return { name: 'black' };
  const range = max - min;
  const saturation = range / (1 - Math.abs(2 * light - 1) || 1);
  const shade = light > 0.72 ? 'light' : light < 0.35 ? 'dark' : undefined;
  if (saturation < 0.12 || range < 0.06) return { name: 'grey', shade };
  const sector =
    max === red ? (green - blue) / range : max === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  const hue = (sector * 60 + 360) % 360;
  const name = HUES.find(([until]) => hue < until)![1];
  if (name === 'orange' && light < 0.45) return { name: 'brown', shade: light < 0.3 ? 'dark' : undefined };
  return { name, shade, isGreyish: saturation < 0.3 };
}
