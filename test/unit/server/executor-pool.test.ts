import { DEFAULT_PARAMS } from '@underpaint/shared';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { RenderRequest } from '../../../server/src/inference/contract.js';
import { ExecutorPool } from '../../../server/src/inference/host/pool.js';

const REQUEST: RenderRequest = {
  data: new Uint8Array(1),
  params: DEFAULT_PARAMS,
  steps: 1,
  shown: undefined,
  background: false,
};

const BOUNDS = { hangMs: 1_000, silentMs: 1_000, loadMs: 1_000 };

let pool: ExecutorPool;
afterEach(() => pool.stop(0));

/** Starts a pool of two devices that run `maxRows` rows in a call of 20 ms. */
async function start(maxRows: number): Promise<void> {
  const device = 'fake:20ms+0ms,fake:20ms+0ms';
  const worker = {
    modelDir: '',
    vaeDir: '',
    safetyChecker: false,
    device,
    dtype: 'auto',
    threads: 0,
    maxRows,
    maxFramePixels: 1,
  } as const;
  const log = pino({ level: 'silent' });
  pool = await ExecutorPool.start({
    worker,
    workers: 'auto',
    log,
    bounds: BOUNDS,
    restartMs: { first: 1, longest: 1 },
  });
}

const loads = () => pool.workers.map(({ load }) => load);
const render = (owner: object) => pool.render(REQUEST, { owner, onPreview: () => undefined }).outcome;

describe('ExecutorPool', () => {
  it('rejects an unknown device before starting any other', async () => {
    await start(1);
    const about = { modelDir: '', vaeDir: '', safetyChecker: false, threads: 0, maxRows: 1, maxFramePixels: 1 };
    const worker = { ...about, device: 'fake:1ms+0ms,gpu', dtype: 'auto' } as const;
    const options = {
      workers: 'auto' as const,
      log: pino({ level: 'silent' }),
      bounds: BOUNDS,
      restartMs: { first: 1, longest: 1 },
    };
    await expect(ExecutorPool.start({ ...options, worker })).rejects.toThrow(/there is no device "gpu"/);
  });

  it('places sessions on the least busy device', async () => {
    await start(16);
    const frames = Array.from({ length: 10 }, () => render({}));
    expect(loads()).toEqual([5, 5]);
    await Promise.all(frames);
  });

  it('places consecutive sessions in turn', async () => {
    await start(16);
    const [a, b] = [{}, {}];
    await render(a);
    await render(b);
    const frames = [render(a), render(b)];
    expect(loads()).toEqual([1, 1]);
    await Promise.all(frames);
  });

  it('keeps a session on its device unless another one is less busy', async () => {
    await start(16);
    const [a, b] = [{}, {}];
    await render(a);
    await render(b);
    const frames = [render(b)];
    expect(loads()).toEqual([0, 1]);
    frames.push(render(b), render(a));
    expect(loads()).toEqual([2, 1]);
    await Promise.all(frames);
  });

  it('moves a session rather than leave a device idle', async () => {
    await start(1);
    const a = {};
    await render(a);
    const frames = [render(a), render(a)];
    expect(loads()).toEqual([1, 1]);
    await Promise.all(frames);
  });
});
