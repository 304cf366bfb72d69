import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { startServer } from '../helpers/start-server.js';

let server: UnderpaintServer;
beforeAll(async () => void (server = await startServer({ device: 'fake:1ms+1ms' })));
afterAll(() => server.stop());

function headersOf(path: string): Promise<object> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server.port, path }, (response) => {
      response.resume();
      resolve(response.headers);
    }).on('error', reject);
  });
}

describe('all answers', () => {
  it('say what browsers may do with it', async () => {
    const own = { 'cross-origin-opener-policy': 'same-origin', 'x-content-type-options': 'nosniff' };
    const [anywhere, here] = ['cross-origin', 'same-origin'].map((one) => ({ 'cross-origin-resource-policy': one }));
    const nothing = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };
    const cases = [
      ['/', { ...own, ...anywhere, 'permissions-policy': expect.stringContaining('microphone=()') as string }],
      ['/embed', { ...own, ...anywhere }],
      ['/underpaint.js', { ...own, ...anywhere }],
      ['/api/info', { ...own, ...here, ...nothing }],
      ['/metrics', { ...own, ...here, ...nothing }],
      ['/readyz', { ...own, ...here, ...nothing }],
      ['/no-such-page', own],
      ['//', { ...own, ...here, ...nothing }],
    ] as const;
    for (const [path, expected] of cases) expect(await headersOf(path), path).toMatchObject(expected);
  });
});
