import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { SiteCheck } from '../../../server/src/words/site-check.js';

let site: Server;
const asked: { method: string | undefined; authorization: string | undefined; body: string }[] = [];
/** As `Date.now`: 0 would be no time to the cache. */
let nowMs = 1;

afterEach(async () => {
  asked.length = 0;
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});

/** A check that asks a site with this answer; `undefined` for a site that never answers. */
async function checkWith(answer: unknown, { status = 200, user = '', timeoutMs = 5_000 } = {}): Promise<SiteCheck> {
  const note = async (request: IncomingMessage) => {
    const { method, headers } = request;
    asked.push({ method, authorization: headers.authorization, body: await text(request) });
  };
  site = createServer((request, response) => {
    void note(request).then(() => {
      if (answer === undefined) return;
      response.writeHead(status, { Location: '/' }).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const log = { warn: () => undefined };
  const address = `http://${user}127.0.0.1:${(site.address() as AddressInfo).port}/check`;
  return new SiteCheck(address, { log: log as never, now: () => nowMs, timeoutMs });
}

describe('a site that is asked about words', () => {
  it('gets the prompt, and allows or refuses it with a sentence', async () => {
    const allowing = await checkWith({ allow: true });
    expect(await allowing.check('a "quiet" bay')).toEqual({ result: 'allowed', reason: '' });
    expect(asked).toEqual([{ method: 'POST', authorization: undefined, body: '{"prompt":"a \\"quiet\\" bay"}' }]);
    site.close();
    const refusing = await checkWith({ allow: false, reason: 'Only landscapes, please.' });
    expect(await refusing.check('a hat')).toEqual({ result: 'refused', reason: 'Only landscapes, please.' });
  });

  it('is asked again about the same words only when its answer is old, or after a reload', async () => {
    const check = await checkWith({ allow: true });
    await check.check('a bay');
    nowMs += 299_000;
    expect(check.check('a bay')).toEqual({ result: 'allowed', reason: '' });
    nowMs += 2_000;
    await check.check('a bay');
    check.reload();
    await check.check('a bay');
    expect(asked).toHaveLength(3);
  });

  it('sees the user and the password of its address', async () => {
    const check = await checkWith({ allow: true }, { user: 'pat:s%2F3@' });
    await check.check('a bay');
    expect(asked[0]!.authorization).toBe(`Basic ${Buffer.from('pat:s/3').toString('base64')}`);
  });

  it.each([
    ['no JSON', 'yes', 200],
    ['nothing to go by', { allowed: true }, 200],
    ['null', 'null', 200],
    ['an error', { allow: true }, 500],
    ['a redirect', { allow: true }, 302],
    ['far too much', 'x'.repeat(10_000), 200],
  ])('and answers with %s: the words are not painted, and asked about again', async (_name, answer, status) => {
    const check = await checkWith(answer, { status });
    for (let i = 1; i <= 2; i++) {
      expect(await check.check('a bay')).toMatchObject({
        result: 'failed',
        reason: expect.stringContaining('could not be checked') as string,
      });
      expect(asked).toHaveLength(i);
    }
  });

  it('and does not answer: the words are not painted', async () => {
    const check = await checkWith(undefined, { timeoutMs: 50 });
    expect(await check.check('a bay')).toMatchObject({ result: 'failed' });
  });
});
