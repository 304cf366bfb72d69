import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionRegistry } from '../../../server/src/session/registry.js';
import { restoredCanvas } from '../../../server/src/session/restored-canvas.js';
import type { Session } from '../../../server/src/session/session.js';
import { SharedSessions } from '../../../server/src/session/shared-sessions.js';
import { canvasOptions } from '../../helpers/fakes.js';
import { MemoryBroker } from '../../helpers/memory-broker.js';
import { MemoryBucket, type BucketView } from '../../helpers/memory-bucket.js';
import { enterSession, frame, type TestSession } from '../../helpers/test-session.js';

let broker: MemoryBroker;
let bucket: MemoryBucket;
beforeEach(() => {
  vi.useFakeTimers();
  broker = new MemoryBroker();
  bucket = new MemoryBucket();
});
afterEach(() => void vi.useRealTimers());

interface Server {
  readonly view: BucketView;
  readonly registry: SessionRegistry<Session>;
  enter(resume?: string): Promise<TestSession>;
}

function start(server: string): Server {
  const view = bucket.view();
  const shared = new SharedSessions({ broker, bucket: view, server, log: { warn: () => undefined } });
  const registry = new SessionRegistry<Session>({ resumeTtlMs: 60_000, maxParked: 8, shared });
  const createCanvas = (saved?: object) =>
    restoredCanvas(
      saved,
      canvasOptions(() => 0),
    );
  const enter = async (resume?: string) => {
    const session = await enterSession({ session: { registry, createCanvas } }, resume);
    await vi.advanceTimersByTimeAsync(20);
    return session;
  };
  return { view, registry, enter };
}

const welcomeOf = ({ channel }: TestSession) => channel.sent.find((message) => message.type === 'welcome')!;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A session with frames and a seed of its own. */
async function draw(server: Server): Promise<{ readonly drawn: TestSession; readonly resume: string }> {
  const drawn = await server.enter();
  drawn.session.handleMessage(frame(1));
  drawn.session.handleMessage(frame(2));
  drawn.session.handleMessage({ type: 'params', params: { seed: 77 } });
  return { drawn, resume: welcomeOf(drawn).resume };
}

describe('a session', () => {
  it('is resumed on another server with its number and its parameters', async () => {
    const [a, b] = [start('a'), start('b')];
    const { drawn, resume } = await draw(a);
    drawn.channel.close(1000, 'gone');
    await pass(5);
    const welcome = welcomeOf(await b.enter(resume));
    const { session } = welcomeOf(drawn);
    expect(welcome).toMatchObject({ session, resume, lastSeq: 2, params: { seed: 77 } });
  });

  it('of a server that died is known as it was half a second before', async () => {
    const [a, b] = [start('a'), start('b')];
    const { resume } = await draw(a);
    await pass(510);
    a.view.isCut = true;
    expect(welcomeOf(await b.enter(resume))).toMatchObject({ lastSeq: 2, params: { seed: 77 } });
  });

  it('that is resumed elsewhere is closed by its first server, which does not write it again', async () => {
    const [a, b] = [start('a'), start('b')];
    const { drawn, resume } = await draw(a);
    await pass(510);
    const again = await b.enter(resume);
    expect(drawn.channel.closed).toMatchObject({ code: 4009 });
    expect([a.registry.size, b.registry.size]).toEqual([0, 1]);
    again.session.handleMessage({ type: 'params', params: { seed: 78 } });
    await pass(510);
    expect(welcomeOf(await a.enter(resume))).toMatchObject({ params: { seed: 78 } });
  });

  it('comes back to its first server with its frames on the second', async () => {
    const [a, b] = [start('a'), start('b')];
    const { drawn, resume } = await draw(a);
    drawn.channel.close(1000, 'gone');
    const there = await b.enter(resume);
    there.session.handleMessage(frame(9));
    there.channel.close(1000, 'gone');
    await pass(5);
    expect(welcomeOf(await a.enter(resume)).lastSeq).toBe(9);
  });

  it('keeps its place on the server that has it, and its image with it', async () => {
    const a = start('a');
    const { drawn, resume } = await draw(a);
    const { canvas } = drawn;
    drawn.channel.close(1000, 'gone');
    expect((await a.enter(resume)).canvas).toBe(canvas);
  });

  it('is a new one soon if the broker does not answer', async () => {
    const [a, b] = [start('a'), start('b')];
    const { resume } = await draw(a);
    await pass(510);
    b.view.get = () => new Promise(() => undefined);
    const entering = b.enter(resume);
    await pass(1_000);
    expect(welcomeOf(await entering)).toMatchObject({ lastSeq: 0 });
  });

  it('is not looked for with a secret that no server gave out', async () => {
    const a = start('a');
    const get = vi.spyOn(a.view, 'get');
    await a.enter('*.>');
    expect(get).not.toHaveBeenCalled();
  });

  it.each([
    ['no JSON', 'x'],
    ['a wrong number', '{"server":"b","session":"s","lastSeq":-1}'],
    ['wrong parameters', '{"server":"b","session":"s","lastSeq":1,"params":{"seed":"x"}}'],
  ])('starts anew if its record has %s', async (_, text) => {
    const a = start('a');
    const { drawn, resume } = await draw(a);
    drawn.channel.close(1000, 'gone');
    const [key] = bucket.keys;
    bucket.write(key!, Buffer.from(text));
    expect(welcomeOf(await start('c').enter(resume)).params.seed).not.toBe(77);
  });

  it('is still known while it rests for longer than its record is kept', async () => {
    const a = start('a');
    await draw(a);
    await pass(510);
    const [key] = bucket.keys;
    const { revision } = bucket.read(key!)!;
    await pass(61_000);
    expect(bucket.read(key!)!.revision).toBeGreaterThan(revision);
  });

  it('of somebody who did nothing is not kept', async () => {
    const a = start('a');
    await a.enter();
    await pass(1_000);
    expect(bucket.keys).toEqual([]);
  });
});
