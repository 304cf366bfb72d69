import { drawCharts } from './chart.js';
import type { SessionBenchRow } from './session-bench.js';

export interface ComparedRow extends SessionBenchRow {
  /** Images a second over those of the best layout of bare model calls; absent for a fake device. */
  readonly bareRatio?: number;
}

const COLUMNS: readonly (keyof ComparedRow)[] = [
  'sessions',
  'imagesPerSecond',
  'p50Ms',
  'p95Ms',
  'p99Ms',
  'dropRatio',
  'rowsPerCall',
  'jain',
  'ageRatio',
  'bareRatio',
];

/** The lines of a Markdown table. */
export function tableOf(rows: readonly ComparedRow[]): string[] {
  const columns = COLUMNS.filter((column) => rows.some((row) => row[column] !== undefined));
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.padStart(15)).join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '-'.repeat(14) + ':')),
    ...rows.map((row) => line(columns.map((column) => String(row[column])))),
  ];
}

/** Throughput, latency and batch size by the number of sessions, as an SVG. */
export function chartOf(rows: readonly ComparedRow[]): string {
  const labels = rows.map(({ sessions }) => String(sessions));
  const values = (key: keyof ComparedRow) => rows.map((row) => row[key] ?? 0);
  return drawCharts([
    { title: 'images a second, by sessions', labels, series: [{ name: 'images', values: values('imagesPerSecond') }] },
    {
      title: 'ms from frame to image, by sessions',
      labels,
      series: [
        { name: 'median', values: values('p50Ms') },
        { name: '95 %', values: values('p95Ms') },
      ],
    },
    { title: 'rows of a UNet call, by sessions', labels, series: [{ name: 'rows', values: values('rowsPerCall') }] },
  ]);
}
