import { CLOSE, DEFAULT_PARAMS, DEFAULT_RANGES, type ServerMessage } from '@underpaint/shared';
import { AdaptiveSteps } from '../../server/src/canvas/adaptive-steps.js';
import { Admission } from '../../server/src/session/admission.js';
import { Canvas, type CanvasOptions } from '../../server/src/canvas/canvas.js';
import type { Guard } from '../../server/src/guard.js';
import { createMetrics } from '../../server/src/metrics.js';
import type { RenderedImage } from '../../server/src/inference/contract.js';
import { SessionRegistry } from '../../server/src/session/registry.js';
import type { OutgoingImage } from '../../server/src/canvas/frames.js';
import { Session, type RoomEntrance, type SessionOptions, type Wire } from '../../server/src/session/session.js';

/** A wire that remembers what a session says. */
export class FakeWire implements Wire {
  readonly sent: ServerMessage[] = [];
  readonly images: OutgoingImage[] = [];
  closed: { code: number; reason: string } | undefined;
  send = (message: ServerMessage) => void this.sent.push(message);
  sendBulk = (message: ServerMessage, onFlushed: () => void) => {
    this.send(message);
    queueMicrotask(onFlushed);
  };
  sendImage = (image: OutgoingImage) => void this.images.push(image);
  flushImage = () => undefined;
  close = (code: number, reason: string) => void (this.closed = { code, reason });
}

/** Lets a throw through, so that a test fails by it. */
export const unguarded: Guard = (_where, work) => void work();

export function createRegistry(): SessionRegistry<Session> {
  return new SessionRegistry<Session>({ resumeTtlMs: 1_000, maxParked: 8 });
}

export interface TestSession {
  readonly session: Session;
  readonly wire: FakeWire;
  readonly clock: { ms: number };
  /** What the session draws on. */
  readonly canvas: Canvas;
}

/** One for all: what it observes of the process is dear. */
const METRICS = createMetrics({
  sessions: () => 0,
  waiting: () => 0,
  rooms: () => 0,
  unsafeRooms: () => 0,
  stepLevel: () => 1,
  ready: () => true,
});

/** A server without rooms. */
const NO_ROOMS: RoomEntrance = {
  prepare: () => ({ code: CLOSE.noSuchRoom, reason: 'there is no such room' }),
  isAwake: () => false,
  enter: () => ({ code: CLOSE.noSuchRoom, reason: 'there is no such room' }),
};

/** Canvases whose steps nothing changes and that are never refined. */
export function canvasOptions(now: () => number, settings: Partial<CanvasOptions> = {}): CanvasOptions {
  return {
    adaptiveSteps: new AdaptiveSteps({ targetMs: 1e6, now }),
    metrics: METRICS,
    initialParams: DEFAULT_PARAMS,
    ranges: DEFAULT_RANGES,
    maxFramesPerSecond: 10,
    quietMs: 500,
    refineSteps: 0,
    now,
    offer: () => undefined,
    ...settings,
  };
}

/** What sessions of one server have in common; everybody is let in. */
export function serverOptions(
  canvas: CanvasOptions,
  settings: Partial<SessionOptions> = {},
): Omit<SessionOptions, 'wire'> {
  const { metrics, ranges, initialParams, maxFramesPerSecond, now } = canvas;
  return {
    address: '127.0.0.1',
    registry: createRegistry(),
    admission: new Admission<Session>({ maxSessions: 9, maxWaiting: 0, devices: () => 1, idleMs: 1e6, now }),
    rooms: NO_ROOMS,
    createCanvas: () => new Canvas(canvas),
    metrics,
    guard: unguarded,
    model: { id: 'tiny', name: 'Tiny', width: 8, height: 8, prompts: [], palette: [] },
    cost: () => 1,
    initialParams,
    features: [],
    ranges,
    limits: { maxFrameBytes: 1_000, maxFramePixels: 64, maxFramesPerSecond },
    now,
    ...settings,
  };
}

/** A session on a fake wire and a clock that the test moves. */
export function createSession(registry = createRegistry(), settings: Partial<CanvasOptions> = {}): TestSession {
  const wire = new FakeWire();
  const clock = { ms: 1_000 };
  const canvas = canvasOptions(() => clock.ms, settings);
  const session = new Session({ wire, ...serverOptions(canvas, { registry }) });
  return {
    session,
    wire,
    clock,
    get canvas() {
      return session.canvas!;
    },
  };
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
