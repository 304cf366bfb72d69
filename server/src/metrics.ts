import type { Timing } from '@underpaint/shared';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const STAGE_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const STAGES = {
  queueMs: 'queue',
  decodeMs: 'decode',
  inferMs: 'infer',
  encodeMs: 'encode',
  serverMs: 'server',
} as const;

export type Metrics = ReturnType<typeof createMetrics>;
export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** Gauges that every process with workers has. */
interface ReadyGauges {
  readonly ready: () => boolean;
  /** Rows of one UNet call at most. */
  readonly maxRows: () => number;
}

export interface Gauges extends ReadyGauges {
  readonly sessions: () => number;
  readonly waiting: () => number;
  readonly rooms: () => number;
  readonly unsafeRooms: () => number;
  /** 0..1 */
  readonly stepLevel: () => number;
}

export interface WorkerGauges extends ReadyGauges {
  readonly gateways: () => number;
  /** Canvases of all gateways that wait for an image. */
  readonly drawing: () => number;
}

/** The metrics of one server, in a registry of their own. `gauges` are read on each scrape. */
export function createMetrics(gauges: Gauges) {
  const registry = createRegistry(gauges);
  const gauge = gaugesIn(registry);
  gauge('underpaint_sessions', 'Live sessions', gauges.sessions);
  gauge('underpaint_waiting', 'Clients in line for a place', gauges.waiting);
  gauge('underpaint_rooms', 'Rooms with somebody in them', gauges.rooms);
  gauge('underpaint_rooms_unsafe', 'Rooms whose last save has failed so far', gauges.unsafeRooms);
  gauge('underpaint_step_level', 'Steps under load, from the fewest (0) to the requested number (1)', gauges.stepLevel);
  const registers = [registry];
  return { registry, ...createCounters(registers), ...createObservers(registers), ...createWork(registers) };
}

/** The metrics of a process that runs the model for servers elsewhere. */
export function createWorkerMetrics(gauges: WorkerGauges) {
  const registry = createRegistry(gauges);
  const gauge = gaugesIn(registry);
  gauge('underpaint_worker_gateways', 'Gateways that are connected', gauges.gateways);
  gauge('underpaint_worker_drawing', 'Canvases of all gateways that wait for an image', gauges.drawing);
  return { registry, ...createWork([registry]) };
}

function createRegistry({ ready, maxRows }: ReadyGauges): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = gaugesIn(registry);
  gauge('underpaint_ready', '1 while frames are served', () => (ready() ? 1 : 0));
  gauge('underpaint_unet_rows_max', 'Rows of one UNet call at most', maxRows);
  return registry;
}

function gaugesIn(registry: Registry) {
  return (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
}

function createCounters(registers: Registry[]) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  return {
    frames: counter('underpaint_frames_total', 'Frames received'),
    claimed: counter('underpaint_frames_claimed_total', 'Frames sent to a worker, decoded there'),
    dropped: labelled(registers, 'reason', ['underpaint_dropped_total', 'Frames dropped on purpose, by reason']),
    errors: labelled(registers, 'code', ['underpaint_errors_total', 'Frames and patches that failed, by code']),
    closes: labelled(registers, 'code', ['underpaint_closes_total', 'Connections closed by the server, by code']),
    refusals: new Counter({
      name: 'underpaint_refusals_total',
      help: 'Refused connections and upgrades, by kind and reason',
      labelNames: ['what', 'reason'],
      registers,
    }),
    promptChecks: labelled(registers, 'result', [
      'underpaint_prompt_checks_total',
      'Prompts that the check of the site allowed, refused, or failed to judge',
    ]),
  };
}

function labelled<T extends string>(registers: Registry[], label: T, [name, help]: [name: string, help: string]) {
  return new Counter({ name, help, labelNames: [label], registers });
}

/** What every process with workers counts. */
function createWork(registers: Registry[]) {
  const calls = new Counter({ name: 'underpaint_unet_calls_total', help: 'UNet calls', registers });
  const rows = new Counter({ name: 'underpaint_unet_rows_total', help: 'Rows of all UNet calls', registers });
  return {
    faults: labelled(registers, 'where', [
      'underpaint_faults_total',
      'Unexpected errors that ended a request, a session or a room, by place',
    ]),
    workerDeaths: new Counter({ name: 'underpaint_worker_deaths_total', help: 'Workers that died', registers }),
    observeCalls(this: void, callCount: number, rowCount: number): void {
      calls.inc(callCount);
      rows.inc(rowCount);
    },
  };
}

function createObservers(registers: Registry[]) {
  const images = new Counter({ name: 'underpaint_images_total', help: 'Images sent', registers });
  const stages = new Histogram({
    name: 'underpaint_stage_seconds',
    help: 'Time of an image by stage; `server` is from the last byte of the frame to the first of the image',
    labelNames: ['stage'],
    buckets: STAGE_SECONDS,
    registers,
  });
  // Bound to their labels once, because this runs for every image.
  const observed = Object.entries(STAGES).map(([key, stage]) => [key as keyof Timing, stages.labels(stage)] as const);
  return {
    observeImage(this: void, timing: Timing): void {
      images.inc();
      for (const [key, histogram] of observed) histogram.observe(timing[key] / 1_000);
    },
  };
}
