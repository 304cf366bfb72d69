import { SKETCH_WIDTH, type AreaMark, type Mark, type Point, type ShapeMark } from './marks.js';

type Layer = readonly [color: string, points: readonly Point[]];

const SUN = '#fff1c4';
/** A sky in two bands, down to the mountains' foot. It is painted, because an empty sheet may be white. */
const SKY: readonly Layer[] = [
  ['#86b1d8', rectangle(0, 85)],
  ['#c3d9e4', rectangle(85, 165)],
];
/** Mountains, snow, hills, lake and meadow, from back to front. */
const LAND: readonly Layer[] = [
  [
    '#8ea2bb',
    [
      [0, 128],
      [30, 108],
      [62, 122],
      [104, 74],
      [140, 112],
      [178, 99],
      [216, 124],
      [256, 104],
      [256, 165],
      [0, 165],
    ],
  ],
  [
    '#f2f5f8',
    [
      [84, 97],
      [104, 74],
      [126, 97],
      [114, 93],
      [104, 101],
      [95, 94],
    ],
  ],
  [
    '#5d7a6d',
    [
      [0, 142],
      [46, 128],
      [98, 146],
      [150, 138],
      [206, 150],
      [256, 136],
      [256, 178],
      [0, 178],
    ],
  ],
  [
    '#6c9cc0',
    [
      [0, 176],
      [60, 168],
      [148, 172],
      [256, 166],
      [256, 228],
      [0, 228],
    ],
  ],
  [
    '#4d6b42',
    [
      [0, 218],
      [70, 208],
      [150, 224],
      [256, 212],
      [256, 256],
      [0, 256],
    ],
  ],
];
const FIRS: readonly (readonly [x: number, foot: number, height: number])[] = [
  [24, 222, 58],
  [46, 228, 42],
  [216, 226, 66],
  [238, 232, 48],
];

/** A first drawing for new people: a low sun in a hazy sky, mountains behind hills, a lake and a few firs, all as ordinary marks. */
export function starterMarks(): readonly Mark[] {
  return [
    ...SKY.map(([color, points]) => area(color, points)),
    ellipse(SUN, [168, 44], 15),
    ...LAND.map(([color, points]) => area(color, points)),
    ...FIRS.map(([x, foot, height]) => fir(x, foot, height)),
  ];
}

function rectangle(top: number, bottom: number): readonly Point[] {
  return [
    [0, top],
    [SKETCH_WIDTH, top],
    [SKETCH_WIDTH, bottom],
    [0, bottom],
  ];
}

function area(color: string, points: readonly Point[]): AreaMark {
  return { kind: 'area', color, opacity: 1, points };
}

function ellipse(color: string, [x, y]: Point, radius: number): ShapeMark {
  const corners = { from: [x - radius, y - radius], to: [x + radius, y + radius] } as const;
  return { kind: 'ellipse', color, size: 1, opacity: 1, ...corners };
}

function fir(x: number, foot: number, height: number): AreaMark {
  const half = height * 0.22;
  const at = (side: number, up: number): Point => [x + side * half, foot - up * height];
  return area('#26402f', [
    at(-1, 0.04),
    at(-0.5, 0.38),
    at(-0.7, 0.36),
    at(-0.28, 0.68),
    at(0, 1),
    at(0.28, 0.68),
    at(0.7, 0.36),
    at(0.5, 0.38),
    at(1, 0.04),
  ]);
}
