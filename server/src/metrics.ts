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

export interface Gauges {
  readonly sessions: () => number;
  readonly waiting: () => number;
  readonly rooms: () => number;
  readonly unsafeRooms: () => number;
  /** 0..1 */
  readonly stepLevel: () => number;
  readonly ready: () => boolean;
}

/** The counters of one server, in a registry of their own. `gauges` are read on each scrape. */
export function createMetrics(gauges: Gauges) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const stages = new Histogram({
    name: 'underpaint_stage_seconds',
    help: 'Time of an image by stage; `server` is from the last byte of the frame to the first of the image',
    labelNames: ['stage'],
    buckets: STAGE_SECONDS,
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('underpaint_sessions', 'Live sessions', gauges.sessions);
  gauge('underpaint_waiting', 'Clients in line for a place', gauges.waiting);
  gauge('underpaint_rooms', 'Rooms that somebody is in', gauges.rooms);
  gauge('underpaint_rooms_unsafe', 'Rooms whose last save has failed so far', gauges.unsafeRooms);
  gauge(
    'underpaint_step_level',
    'Steps given under load, from the fewest (0) to those asked for (1)',
    gauges.stepLevel,
  );
  gauge('underpaint_ready', '1 while frames are served', () => (gauges.ready() ? 1 : 0));
  const calls = new Counter({ name: 'underpaint_unet_calls_total', help: 'UNet calls', registers });
  const rows = new Counter({ name: 'underpaint_unet_rows_total', help: 'Rows of all UNet calls', registers });
  // Bound to their label once: this runs for every image.
  const observed = Object.entries(STAGES).map(([key, stage]) => [key as keyof Timing, stages.labels(stage)] as const);
  const images = new Counter({ name: 'underpaint_images_total', help: 'Images sent', registers });
  return {
    registry,
    frames: new Counter({ name: 'underpaint_frames_total', help: 'Frames received', registers }),
    claimed: new Counter({
      name: 'underpaint_frames_claimed_total',
      help: 'Frames sent to a worker, decoded there',
      registers,
    }),
    dropped: new Counter({
      name: 'underpaint_dropped_total',
      help: 'Frames dropped on purpose, by reason',
      labelNames: ['reason'],
      registers,
    }),
    errors: new Counter({
      name: 'underpaint_errors_total',
      help: 'Frames and patches that failed, by code',
      labelNames: ['code'],
      registers,
    }),
    closes: new Counter({
      name: 'underpaint_closes_total',
      help: 'Connections closed by the server, by code',
      labelNames: ['code'],
      registers,
    }),
    refusals: new Counter({
      name: 'underpaint_refusals_total',
      help: 'Connections and upgrades that were refused, by what and why',
      labelNames: ['what', 'reason'],
      registers,
    }),
    faults: new Counter({
      name: 'underpaint_faults_total',
      help: 'Unexpected errors that ended a request, a session or a room, by where',
      labelNames: ['where'],
      registers,
    }),
    workerDeaths: new Counter({ name: 'underpaint_worker_deaths_total', help: 'Workers that died', registers }),
    observeCalls(this: void, callCount: number, rowCount: number): void {
      calls.inc(callCount);
      rows.inc(rowCount);
    },
    observeImage(this: void, timing: Timing): void {
      images.inc();
      for (const [key, histogram] of observed) histogram.observe(timing[key] / 1_000);
    },
  };
}
