import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeServer } from './fake-server.fake.js';
import { pictureSource } from './picture-source.js';
import { StreamClient } from './stream-client.js';

describe('StreamClient', () => {
  let server: FakeServer;
  let client: StreamClient;
  let canvas: HTMLCanvasElement;

  beforeEach(() => {
    server = new FakeServer();
    canvas = document.createElement('canvas');
    canvas.getContext('2d');
    client = new StreamClient({ url: 'ws://fake/ws', params: { prompt: 'hills' } });
  });
  afterEach(() => {
    client.close();
    server.uninstall();
  });

  const live = () => vi.waitFor(() => expect(client.state.status).toBe('live'));

  it('sends hello, its parameters and one frame', async () => {
    client.connect(pictureSource(canvas));
    await live();
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
    expect(server.received.map((message) => message.type)).toEqual(['hello', 'params', 'frame']);
    expect(server.ofType('params')[0]?.params).toEqual({ prompt: 'hills' });
    const bitmap = await createImageBitmap(new Blob([server.ofType('frame')[0]!.data as Uint8Array<ArrayBuffer>]));
    expect([bitmap.width, bitmap.height]).toEqual([64, 64]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.ofType('frame'), 'an unchanged canvas sends nothing').toHaveLength(1);
  });

  it('acknowledges an image after it was shown', async () => {
    server.echo = true;
    let shown: () => void = () => undefined;
    client.addEventListener('image', (event) => event.waitUntil(new Promise<void>((resolve) => (shown = resolve))));
    client.connect(pictureSource(canvas));
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.ofType('ack')).toHaveLength(0);
    shown();
    await vi.waitFor(() => expect(server.ofType('ack')).toHaveLength(1));
    expect(client.statistics.inputToImageMedianMs).toBeGreaterThan(0);
  });

  it('begins again when it is welcomed again on the same connection', async () => {
    client.connect(pictureSource(canvas));
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
    server.received.length = 0;
    server.sayWelcome();
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
    expect(server.ofType('frame')[0]?.seq).toBe(2);
    expect(client.state.status).toBe('live');
  });

  it('merges changes of parameters and adopts clamped values', async () => {
    client.connect();
    await live();
    await vi.waitFor(() => expect(server.ofType('params')).toHaveLength(1));
    server.received.length = 0;
    client.setParams({ strength: 0.3 });
    client.setParams({ strength: 0.4, steps: 3 });
    await vi.waitFor(() => expect(server.ofType('params')).toHaveLength(1));
    expect(server.ofType('params')[0]?.params).toEqual({ strength: 0.4, steps: 3 });
    expect(client.params).toMatchObject({ strength: 0.4, steps: 3, prompt: 'hills' });
  });

  it('reconnects with its resume token, its parameters and its drawing', async () => {
    client.connect(pictureSource(canvas));
    await live();
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
    server.lastSeq = 1;
    server.send({ type: 'bye', code: 1012, reconnectAfterMs: 60_000 });
    server.close(1012);
    await vi.waitFor(() => expect(client.state.status).toBe('reconnecting'));
    client.retryNow();
    await live();
    expect(server.ofType('hello')[1]?.resume).toBe('r1');
    await vi.waitFor(() => expect(server.ofType('frame').map((frame) => frame.seq)).toEqual([1, 2]));
  });

  it('waits as long as the server asks in bye', async () => {
    client.connect();
    await live();
    server.send({ type: 'bye', code: 1013, reconnectAfterMs: 60_000 });
    server.close(1013);
    await vi.waitFor(() => expect(client.state.status).toBe('reconnecting'));
    const state = client.state;
    expect(state.status === 'reconnecting' && state.retryAt - Date.now()).toBeGreaterThan(59_000);
  });

  it.each([4000, 1008, 4009])('does not reconnect after %i', async (code) => {
    client.connect();
    await live();
    server.close(code);
    await vi.waitFor(() => expect(client.state).toMatchObject({ status: 'ended', code }));
  });

  it('connects once more when its time is over, and ends when it is then refused', async () => {
    client.connect();
    await live();
    server.welcome = false;
    server.close(4003);
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(2));
    server.close(4003);
    await vi.waitFor(() => expect(client.state).toMatchObject({ status: 'ended', code: 4003 }));
  });

  it('ends with a protocol error on an invalid message', async () => {
    client.connect();
    await live();
    server.sockets[0]!.dispatchEvent(new MessageEvent('message', { data: new Uint8Array([0xc1]).buffer }));
    expect(client.state).toMatchObject({ status: 'ended', code: 4000 });
    expect(server.clientClosedWith).toBe(4000);
  });

  it('ignores unknown messages, and reports the place in line', async () => {
    server.welcome = false;
    client.connect();
    await vi.waitFor(() => expect(server.ofType('hello')).toHaveLength(1));
    server.send({ type: 'weather' } as never);
    server.send({ type: 'waiting', position: 3 });
    expect(client.state).toEqual({ status: 'waiting', position: 3 });
    server.sayWelcome();
    expect(client.state.status).toBe('live');
  });

  it.each(['bad-params', 'prompt-refused'] as const)('drops a patch rejected as %s', async (code) => {
    client.connect();
    await live();
    const receive = server.receive.bind(server);
    server.receive = (message) => {
      if (message.type !== 'params') return receive(message);
      server.send({ type: 'error', code, message: 'no', retryable: false });
    };
    client.setParams({ prompt: 'x'.repeat(2_000) });
    client.flushParams();
    await vi.waitFor(() => expect(client.params.prompt).toBe('hills'));
  });

  it('sends nothing while frozen', async () => {
    client.frozen = true;
    client.connect(pictureSource(canvas));
    await live();
    client.changed();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.ofType('frame')).toHaveLength(0);
    client.frozen = false;
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
  });

  it('sends changed parameters after the freeze, in one message', async () => {
    client.connect();
    await live();
    await vi.waitFor(() => expect(server.ofType('params')).toHaveLength(1));
    client.frozen = true;
    client.setParams({ prompt: 'the sea' });
    client.flushParams();
    client.setParams({ strength: 0.3 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.ofType('params')).toHaveLength(1);
    client.frozen = false;
    await vi.waitFor(() => expect(server.ofType('params')).toHaveLength(2));
    expect(server.ofType('params')[1]?.params).toEqual({ prompt: 'the sea', strength: 0.3 });
  });

  it('sends nothing while the page is hidden, and the newest picture afterwards', async () => {
    const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    client.connect(pictureSource(canvas));
    await live();
    client.changed();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.ofType('frame')).toHaveLength(0);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.waitFor(() => expect(server.ofType('frame')).toHaveLength(1));
  });

  it('reports offline, and tries at once when the browser is online', async () => {
    client.connect();
    await live();
    const offline = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    server.send({ type: 'bye', code: 1012, reconnectAfterMs: 60_000 });
    server.close(1006);
    await vi.waitFor(() => expect(client.state.status).toBe('offline'));
    offline.mockRestore();
    globalThis.dispatchEvent(new Event('online'));
    await live();
  });

  it('reconnects after the end on request', async () => {
    client.connect();
    await live();
    server.close(4009);
    await vi.waitFor(() => expect(client.state.status).toBe('ended'));
    client.retryNow();
    await live();
  });

  it('calls the token provider before every hello, and again later if it fails', async () => {
    client.close();
    const tokens = ['first', new Error('no network'), 'second'];
    const tokenProvider = vi.fn(async () => {
      const next = tokens.shift()!;
      if (next instanceof Error) throw next;
      return next;
    });
    client = new StreamClient({ url: 'ws://fake/ws', tokenProvider });
    client.connect();
    await live();
    server.close(1012);
    await vi.waitFor(() => expect(tokenProvider).toHaveBeenCalledTimes(3), { timeout: 5_000 });
    await live();
    expect(server.ofType('hello').map(({ token }) => token)).toEqual(['first', 'second']);
  });

  it('sends a fresh token before the time of the session is over, and again after it is renewed', async () => {
    client.close();
    let number = 0;
    client = new StreamClient({ url: 'ws://fake/ws', tokenProvider: async () => `token ${++number}` });
    client.connect();
    await live();
    server.send({ type: 'renewed', endsInMs: 100 });
    await vi.waitFor(() => expect(server.ofType('token').map(({ token }) => token)).toEqual(['token 2']));
    server.send({ type: 'renewed', endsInMs: 100 });
    await vi.waitFor(() => expect(server.ofType('token')).toHaveLength(2));
    server.send({ type: 'renewed' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(server.ofType('token')).toHaveLength(2);
  });

  it('sends one hello, even if the token of an earlier connection arrives late', async () => {
    client.close();
    const answers: ((token: string) => void)[] = [];
    const tokenProvider = () => new Promise<string>((resolve) => answers.push(resolve));
    client = new StreamClient({ url: 'ws://fake/ws', tokenProvider });
    client.connect();
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    server.close(1006);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!('new');
    answers[0]!('old');
    await live();
    expect(server.ofType('hello').map(({ token }) => token)).toEqual(['new']);
  });
});
