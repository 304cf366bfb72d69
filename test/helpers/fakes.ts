import { DEFAULT_PARAMS, DEFAULT_RANGES, type ServerMessage } from '@underpaint/shared';
import { AdaptiveSteps } from '../../server/src/adaptive-steps.js';
import { Admission } from '../../server/src/admission.js';
import { createMetrics } from '../../server/src/metrics.js';
import type { RenderedImage } from '../../server/src/inference/executor.js';
import { SessionRegistry } from '../../server/src/session-registry.js';
import type { OutgoingImage } from '../../server/src/frames.js';
import { Session, type SessionOptions, type Wire } from '../../server/src/session.js';

/** A wire that remembers what a session says. */
export class FakeWire implements Wire {
  readonly sent: ServerMessage[] = [];
  readonly images: OutgoingImage[] = [];
  closed: { code: number; reason: string } | undefined;
  send = (message: ServerMessage) => void this.sent.push(message);
  sendImage = (image: OutgoingImage) => void this.images.push(image);
  close = (code: number, reason: string) => void (this.closed = { code, reason });
}

export function createRegistry(): SessionRegistry<Session> {
  return new SessionRegistry<Session>({ params: DEFAULT_PARAMS, resumeTtlMs: 1_000, maxParked: 8 });
}

export interface TestSession {
  readonly session: Session;
  readonly wire: FakeWire;
  readonly clock: { ms: number };
}

export function fakeMetrics() {
  return createMetrics({ sessions: () => 0, waiting: () => 0, stepLevel: () => 1, ready: () => true });
}

/** Admission and steps that let everybody in and change nothing. */
export function policies(now: () => number): Pick<SessionOptions, 'admission' | 'adaptiveSteps' | 'cost'> {
  return {
    admission: new Admission<Session>({ maxSessions: 9, maxWaiting: 0, devices: () => 1, idleMs: 1e6, now }),
    adaptiveSteps: new AdaptiveSteps({ targetMs: 1e6, now }),
    cost: () => 1,
  };
}

/** A session on a fake wire and a clock that the test moves. */
export function createSession(registry = createRegistry(), settings: Partial<SessionOptions> = {}): TestSession {
  const wire = new FakeWire();
  const clock = { ms: 1_000 };
  const now = () => clock.ms;
  const session: Session = new Session({
    wire,
    registry,
    ...policies(now),
    quietMs: 500,
    refineSteps: 0,
    metrics: settings.metrics ?? fakeMetrics(),
    model: { id: 'tiny', name: 'Tiny', width: 8, height: 8, prompts: [], palette: [] },
    features: [],
    ranges: DEFAULT_RANGES,
    limits: { maxFrameBytes: 1_000, maxFramePixels: 64, maxFramesPerSecond: 10 },
    now,
    offer: () => undefined,
    ...settings,
  });
  return { session, wire, clock };
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
