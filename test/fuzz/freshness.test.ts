import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Batcher } from '../../server/src/batcher.js';
import { FrameError } from '../../server/src/errors.js';
import type { Claim } from '../../server/src/frames.js';
import type { Session } from '../../server/src/session.js';
import { createRegistry, createSession, fakeMetrics, rendered, type TestSession } from '../helpers/fakes.js';

/* Any order of what can happen to some sessions on one device. Each frame's bytes name its session and its number. */

const SESSIONS = 3;
const who = fc.nat(SESSIONS - 1);
const events = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('frame' as const), who }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('claim' as const), who }) },
  { weight: 5, arbitrary: fc.record({ is: fc.constant('finish' as const), who }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('params' as const), who }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('preview' as const), who }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('window' as const), who }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('death' as const), who }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('disconnect' as const), who }) },
);

interface Client extends TestSession {
  seq: number;
  gone: boolean;
  windowFull: boolean;
  running: Claim | undefined;
}

const metrics = fakeMetrics();

class World {
  readonly clients: Client[];
  readonly #batcher: Batcher<Session>;
  readonly #clock = { ms: 1_000 };

  constructor() {
    this.#batcher = new Batcher<Session>({ now: () => this.#clock.ms });
    const offer = (session: Session) => this.#batcher.offer(session);
    const registry = createRegistry();
    this.clients = Array.from({ length: SESSIONS }, () => {
      const settings = { offer, now: () => this.#clock.ms, refineSteps: 8, metrics };
      const client = createSession(registry, settings);
      client.session.handleMessage({ type: 'hello' });
      return { ...client, seq: 0, gone: false, windowFull: false, running: undefined };
    });
  }

  async play({ is, who }: { readonly is: string; readonly who: number }): Promise<void> {
    this.#clock.ms += 101;
    const client = this.clients[who]!;
    if (client.gone) return;
    const { session, running } = client;
    switch (is) {
      case 'frame':
        client.seq += 1;
        return session.handleMessage({ type: 'frame', seq: client.seq, data: Uint8Array.of(who, client.seq) });
      case 'params':
        return session.handleMessage({ type: 'params', params: { seed: this.#clock.ms } });
      case 'claim':
        await this.claim();
        return;
      case 'preview':
        if (running) session.deliverPreview(running, rendered());
        return;
      case 'finish':
        client.running = undefined;
        if (running) session.deliver(running, { ...rendered(), data: running.request.data });
        return;
      case 'window':
        client.windowFull = !client.windowFull;
        return session.setWindowFull(client.windowFull);
      case 'death':
        return this.#die();
      case 'disconnect':
        client.gone = true;
        session.handleClosed();
        this.#batcher.remove(session);
    }
  }

  /** One turn of the engine. */
  async claim(): Promise<void> {
    const aborter = new AbortController();
    const next = this.#batcher.next(aborter.signal).catch(() => undefined);
    aborter.abort(new Error('nothing waits'));
    const session = await next;
    const client = this.clients.find((one) => one.session === session);
    const claim = session?.take();
    if (client && claim) client.running = claim;
  }

  #die(): void {
    const error = new FrameError('worker-failed', 'gone', { retryable: true });
    for (const client of this.clients.filter(({ gone }) => !gone)) {
      const { running } = client;
      client.running = undefined;
      if (running) client.session.fail(running, error);
      client.session.failWaiting(error);
    }
  }

  /** Lets everything that is under way come to its end. */
  async settle(): Promise<void> {
    for (const [who, client] of this.clients.entries()) if (client.windowFull) await this.play({ is: 'window', who });
    for (let turn = 0; turn < 12; turn++) {
      await this.play({ is: 'claim', who: 0 });
      await this.claim();
      for (const who of this.clients.keys()) await this.play({ is: 'finish', who });
    }
  }
}

function ends(client: Client): number[] {
  const finals = client.wire.images.filter(({ final, reason }) => final && reason === 'frame').map(({ seq }) => seq);
  const told = client.wire.sent.flatMap((m) => ((m.type === 'dropped' || m.type === 'error') && m.seq ? [m.seq] : []));
  return [...finals, ...told].sort((a, b) => a - b);
}

it('shows no frame out of order, answers the newest, ends each frame once, and mixes up nobody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 60 }), async (script) => {
      const world = new World();
      for (const event of script) await world.play(event);
      await world.settle();
      for (const [who, client] of world.clients.entries()) {
        const shown = client.wire.images.map(({ seq }) => seq);
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
        const finals = client.wire.images.filter(({ final }) => final);
        for (const { seq, rendered: image } of finals) expect([...image.data]).toEqual([who, seq % 256]);
        if (client.gone) continue;
        expect(ends(client)).toEqual(Array.from({ length: client.seq }, (_, i) => i + 1));
        expect(client.running).toBeUndefined();
      }
    }),
    { numRuns: 10_000 },
  );
}, 60_000);
