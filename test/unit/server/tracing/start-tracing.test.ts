import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../server/src/errors.js';
import { startTracing } from '../../../../server/src/tracing/start-tracing.js';
import type { Tracing } from '../../../../server/src/tracing/tracing.js';

const TRACING: Tracing = { begin: () => undefined, stop: () => Promise.resolve() };
const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/** Starts tracing with a package that is there or not. */
async function start({ otel = false, env = {}, isThere = true }) {
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => warnings.push(text) };
  let loads = 0;
  const tracing = await startTracing({ otel, env, service: 'test', log: log as never }, () => {
    loads += 1;
    if (isThere) return Promise.resolve(() => TRACING);
    return Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
  });
  return { tracing, loads, warnings };
}

describe('tracing', () => {
  it.each([
    [{}],
    [{ env: { [ENDPOINT]: '' } }],
    [{ env: { [ENDPOINT]: 'http://a', OTEL_SDK_DISABLED: 'true' } }],
    [{ env: { [ENDPOINT]: 'http://a', OTEL_TRACES_EXPORTER: 'none' } }],
  ])('loads nothing unless it is asked for: %j', async (options) => {
    expect(await start(options)).toMatchObject({ tracing: undefined, loads: 0 });
  });

  it.each([
    [{ otel: true }],
    [{ env: { [ENDPOINT]: 'http://a' } }],
    [{ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a' } }],
  ])('starts with %j', async (options) => {
    expect(await start(options)).toMatchObject({ tracing: TRACING, loads: 1 });
  });

  it('says in one line what to install', async () => {
    await expect(start({ otel: true, isThere: false })).rejects.toThrow(UsageError);
    await expect(start({ otel: true, isThere: false })).rejects.toThrow(/npm install --no-save @opentelemetry\/api@/);
  });

  it('is left out, with a warning, if only variables ask for it', async () => {
    const { tracing, warnings } = await start({ env: { [ENDPOINT]: 'http://a' }, isThere: false });
    expect(tracing).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('npm install')]);
  });
});
