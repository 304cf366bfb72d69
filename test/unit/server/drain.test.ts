import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Drain } from '../../../server/src/drain.js';

const log = pino({ level: 'silent' });
const never = new Promise(() => undefined);

describe('a drain', () => {
  it('waits for what ends, and for what hangs only until its share is used up', async () => {
    const startMs = performance.now();
    const drain = new Drain(400, log);
    expect(await drain.until(0.25, Promise.resolve())).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(100);
    expect(await drain.until(0.25, never)).toBe(false);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(99);
    expect(await drain.until(0.5, never)).toBe(false);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(199);
    expect(performance.now() - startMs).toBeLessThan(400);
  });

  it('goes on after a part that failed', async () => {
    expect(await new Drain(400, log).until(1, Promise.reject(new Error('no disk')))).toBe(false);
  });

  it('leaves nothing for a share that is over', async () => {
    const drain = new Drain(40, log);
    await drain.until(0.5, never);
    expect(drain.leftMs(0.25)).toBe(0);
    expect(drain.leftMs(1)).toBeGreaterThan(0);
  });
});
