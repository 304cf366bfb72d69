import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

const FRAME_BYTES = 60_000;
const ROUND = 400;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes in use in this process, which is the server's too. */
function used(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it('a client that floods leaves nothing behind', async () => {
  const server = await startServer({ device: 'fake:2ms+1ms', maxFramesPerSecond: 1_000, maxBytesPerSecond: 1e9 });
  const client = await TestClient.live(server.port);
  const flood = async (from: number) => {
    for (let seq = from; seq < from + ROUND; seq++) client.sendFrame(seq, new Uint8Array(FRAME_BYTES).fill(seq));
    await client.until('image', ({ seq }) => seq === from + ROUND - 1);
    client.received.length = 0;
  };
  await flood(1);
  const before = used();
  for (let round = 1; round <= 5; round++) await flood(1 + round * ROUND);
  // 120 MB went through; one frame and one image are kept for a resume. Buffers are released in the background.
  await expect.poll(() => used() - before, { timeout: 10_000, interval: 100 }).toBeLessThan(4e6);
  client.close();
  await server.stop();
});
