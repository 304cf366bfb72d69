import { CLOSE, DEFAULT_PARAMS, DEFAULT_RANGES } from '@underpaint/shared';
import { quotasOf } from '../../server/src/access/quotas.js';
import { NO_AUDIT } from '../../server/src/audit.js';
import { OPEN_GRANT } from '../../server/src/access/grant.js';
import { AdaptiveSteps } from '../../server/src/canvas/adaptive-steps.js';
import { Canvas, type CanvasOptions } from '../../server/src/canvas/canvas.js';
import { createGuard, type Guard } from '../../server/src/guard.js';
import type { RenderedImage } from '../../server/src/inference/contract.js';
import { createMetrics } from '../../server/src/metrics.js';
import { Admission } from '../../server/src/session/admission.js';
import type { RoomEntrance } from '../../server/src/session/participant.js';
import { SessionRegistry } from '../../server/src/session/registry.js';
import type { Session, SessionOptions } from '../../server/src/session/session.js';

/** Lets a throw through, so that the test fails. */
export const unguarded: Guard = (_where, work) => void work();

/** A guard, and the places in which it caught something. */
export function recordFaults(): { readonly guard: Guard; readonly faults: string[] } {
  const faults: string[] = [];
  const counter = { inc: ({ where }: { where: string }) => void faults.push(where) } as never;
  return { guard: createGuard({ log: { error: () => undefined }, faults: counter }), faults };
}

export function createRegistry(): SessionRegistry<Session> {
  return new SessionRegistry<Session>({ resumeTtlMs: 1_000, maxParked: 8 });
}

/** One for all: it is expensive to create, because it observes the process. */
export const METRICS = createMetrics({
  sessions: () => 0,
  waiting: () => 0,
  rooms: () => 0,
  unsafeRooms: () => 0,
  stepLevel: () => 1,
  ready: () => true,
  maxRows: () => 1,
});

const NO_SUCH_ROOM = { code: CLOSE.noSuchRoom, reason: 'there is no such room' };

/** A server without rooms. */
const NO_ROOMS: RoomEntrance = {
  prepare: () => Promise.resolve(NO_SUCH_ROOM),
  isAwake: () => false,
  load: () => Promise.resolve(NO_SUCH_ROOM),
  enter: () => NO_SUCH_ROOM,
};

/** Canvases with fixed steps and without refinement. */
export function canvasOptions(now: () => number, settings: Partial<CanvasOptions> = {}): CanvasOptions {
  return {
    adaptiveSteps: new AdaptiveSteps({ targetMs: 1e6, now }),
    metrics: METRICS,
    initialParams: DEFAULT_PARAMS,
    ranges: DEFAULT_RANGES,
    maxFramesPerSecond: 10,
    depth: () => 1,
    isAhead: () => false,
    ask: () => undefined,
    quietMs: 500,
    refineSteps: 0,
    now,
    offer: () => undefined,
    ...settings,
  };
}

/** The options that all sessions of a server share. */
export type SharedOptions = Omit<SessionOptions, 'channel' | 'visitor' | 'usage'>;

/** A server that lets everybody in. */
export function serverOptions(canvas: CanvasOptions, settings: Partial<SharedOptions> = {}): SharedOptions {
  const { metrics, ranges, initialParams, maxFramesPerSecond, now } = canvas;
  return {
    admit: () => Promise.resolve(OPEN_GRANT),
    renew: () => Promise.resolve(OPEN_GRANT),
    audit: NO_AUDIT,
    registry: createRegistry(),
    admission: new Admission<Session>({
      maxSessions: 9,
      maxWaiting: 0,
      devices: () => 1,
      idleMs: 1e6,
      guard: unguarded,
      now,
    }),
    rooms: NO_ROOMS,
    createCanvas: () => new Canvas(canvas),
    metrics,
    guard: unguarded,
    cost: () => 1,
    framesInFlight: () => 3,
    initialParams,
    served: {
      features: [],
      model: { id: 'tiny', name: 'Tiny', width: 8, height: 8, prompts: [], palette: [], startsFromNoise: false },
      defaults: initialParams,
      ranges,
      limits: { maxFrameBytes: 1_000, maxFramePixels: 64, maxFramesPerSecond },
    },
    now,
    ...settings,
  };
}

/** Limits that nobody reaches. */
export const NO_LIMITS = quotasOf({ maxPerAddress: {}, maxPerSubject: {}, maxEgressMbps: 0, maxMemoryMb: 0 }, () => 0);

/** Waits until all promises without an outside cause have settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

export function rendered(fill = 1): RenderedImage {
  const timing = { decodeMs: 1, inferMs: 2, encodeMs: 3 };
  return {
    data: new Uint8Array(10).fill(fill),
    width: 8,
    height: 8,
    step: 2,
    steps: 2,
    flagged: false,
    timing,
    fingerprint: undefined,
  };
}
