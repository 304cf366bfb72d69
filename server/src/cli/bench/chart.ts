export interface ChartSeries {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** The label below each group of values. */
  readonly labels: readonly string[];
  readonly series: readonly ChartSeries[];
}

const WIDTH = 380;
const HEIGHT = 250;
const LEFT = 52;
const TOP = 44;
const BOTTOM = 40;
const COLOURS = ['#2f6f8f', '#d98324', '#6b8f3c', '#8f3c6b'];
const LINES = 4;

/** Line charts side by side as one SVG picture, legible on light and dark pages. */
export function drawCharts(charts: readonly Chart[]): string {
  const panels = charts.map((chart, i) => `<g transform="translate(${i * WIDTH} 0)">${drawChart(chart)}</g>`);
  const size = `width="${charts.length * WIDTH}" height="${HEIGHT}"`;
  const style = 'font-family="system-ui, sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>\n<rect ${size} fill="#fff"/>\n${panels.join('\n')}\n</svg>\n`;
}

function drawChart({ title, labels, series }: Chart): string {
  const top = niceCeiling(Math.max(...series.flatMap(({ values }) => values)));
  const x = (i: number) => LEFT + 16 + (i * (WIDTH - LEFT - 48)) / Math.max(1, labels.length - 1);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const parts = [text([LEFT, 18], title, 'font-weight="600"')];
  for (let i = 0; i <= LINES; i++) {
    const value = (top * i) / LINES;
    parts.push(`<path d="M${LEFT} ${y(value)}H${WIDTH - 16}" stroke="#ddd"/>`);
    parts.push(text([LEFT - 6, y(value) + 4], String(value), 'text-anchor="end" fill="#555"'));
  }
  labels.forEach((label, i) =>
    parts.push(text([x(i), HEIGHT - BOTTOM + 18], label, 'text-anchor="middle" fill="#555"')),
  );
  for (const [s, { name, values }] of series.entries()) {
    const colour = COLOURS[s % COLOURS.length]!;
    const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const point of points) {
      const [cx, cy] = point.split(',');
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
    }
    if (series.length > 1) parts.push(text([LEFT + s * 110, 34], `● ${name}`, `fill="${colour}"`));
  }
  return parts.join('\n');
}

/** The next of 1, 2, 4, 6, 8, 10 times a power of ten, so that the lines have round numbers. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return power * [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value)!;
}

function text([x, y]: readonly [number, number], words: string, more: string): string {
  return `<text x="${x}" y="${y}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
}
