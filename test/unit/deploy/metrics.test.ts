import { describe, expect, it } from 'vitest';
import { createMetrics, createWorkerMetrics } from '../../../server/src/metrics.js';
import { deployFile, documentsOf, valuesOf, yamlFiles } from '../../helpers/deploy-files.js';

const zero = () => 0;
const SERVER = createMetrics({
  sessions: zero,
  waiting: zero,
  rooms: zero,
  unsafeRooms: zero,
  stepLevel: zero,
  ready: () => true,
  maxRows: zero,
});
const WORKER = createWorkerMetrics({ ready: () => true, maxRows: zero, gateways: zero, drawing: zero });

/** Labels that Prometheus adds. */
const ADDED_LABELS = ['instance', 'job', 'le', 'pod', 'namespace'];

interface Exported {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** Every series that a server or a worker exports, with its labels. */
const exported = new Map(
  [SERVER, WORKER]
    .flatMap(({ registry }) => registry.getMetricsAsArray() as unknown as (Exported & object)[])
    .flatMap((metric) => {
      const isHistogram = metric.constructor.name === 'Histogram';
      const names = isHistogram ? ['_bucket', '_sum', '_count'].map((end) => metric.name + end) : [metric.name];
      return names.map((name) => [name, metric.labelNames ?? []] as const);
    }),
);

const files = [
  ['grafana/underpaint.json', valuesOf(JSON.parse(deployFile('grafana/underpaint.json')), 'expr')],
  ['prometheus/alerts.yml', valuesOf(documentsOf('prometheus/alerts.yml'), 'expr')],
  ['kubernetes/prometheus-adapter.yaml', valuesOf(documentsOf('kubernetes/prometheus-adapter.yaml'), 'metricsQuery')],
  ['kubernetes/prometheus-adapter.yaml', valuesOf(documentsOf('kubernetes/prometheus-adapter.yaml'), 'seriesQuery')],
] as const;
const NAME = /\b(?:underpaint|nodejs|process)_\w+/g;

/** The labels that an expression asks for, by metric; those of `by (...)` count for each of its metrics. */
function labelsIn(expr: string): [name: string, label: string][] {
  const grouped = [...expr.matchAll(/\bby \(([\w, ]+)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
  const matched = [...expr.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name, list]) =>
    [...list!.matchAll(/(\w+)\s*(?:=~|!=|=)/g)].map(([, label]) => [name!, label!] as [string, string]),
  );
  const names = [...expr.matchAll(NAME)].map(([name]) => name);
  return [...matched, ...names.flatMap((name) => grouped.map((label) => [name, label] as [string, string]))];
}

describe.each(files)('%s', (_file, expressions) => {
  it('asks for metrics that are exported, and for nothing else', () => {
    expect(expressions.length).toBeGreaterThan(2);
    const names = expressions.flatMap((expr) => [...expr.matchAll(NAME)].map(([name]) => name));
    expect(names.filter((name) => !exported.has(name))).toEqual([]);
    expect(expressions.filter((expr) => !/underpaint|nodejs|process/.test(expr))).toEqual([]);
  });

  it('asks for labels that they have', () => {
    const asked = expressions.flatMap((expr) => labelsIn(expr));
    const unknown = asked.filter(
      ([name, label]) => !ADDED_LABELS.includes(label) && !exported.get(name)?.includes(label),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('shows every metric of our own that a server or a worker exports', () => {
    const shown = new Set(files[0][1].flatMap((expr) => [...expr.matchAll(NAME)].map(([name]) => name)));
    const own = [...exported.keys()].filter((name) => name.startsWith('underpaint_') && !/_(sum|count)$/.test(name));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('the autoscalers', () => {
  it('ask for metrics that the adapter defines', () => {
    const defined = valuesOf(documentsOf('kubernetes/prometheus-adapter.yaml'), 'as');
    const asked = yamlFiles('kubernetes')
      .flatMap((file) => documentsOf(file))
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .flatMap((scaler) => valuesOf(scaler, 'metric').map(({ name }) => name));
    expect([...new Set(asked)].sort()).toEqual([...defined].sort());
  });
});
