import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FramePasses, frameSecretFile, loadFrameSecret } from '../../../../server/src/transport/frame-passes.js';

const DAY_MS = 24 * 3_600_000;

describe('passes for frames', () => {
  let folder: string;
  let nowMs = 0;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'underpaint-passes-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = () => new FramePasses(loadFrameSecret(frameSecretFile({ XDG_CACHE_HOME: folder })), () => nowMs);

  it('are valid for a week, also after a restart of the server', () => {
    const pass = start().issue();
    nowMs += 6 * DAY_MS;
    expect(start().isValid(pass)).toBe(true);
    nowMs += 2 * DAY_MS;
    expect(start().isValid(pass)).toBe(false);
  });

  it('are valid only as they were issued, and only on this server', () => {
    const passes = start();
    const pass = passes.issue();
    expect(passes.isValid(`z${pass}`)).toBe(false);
    for (const other of ['', '.', pass.slice(0, -1), `${pass.split('.')[0]}.`])
      expect(passes.isValid(other)).toBe(false);
    expect(new FramePasses(Buffer.alloc(32), () => nowMs).isValid(pass)).toBe(false);
  });

  it('keep their secret in a file for the user alone, and do without where there is no folder', () => {
    start();
    expect(statSync(frameSecretFile({ XDG_CACHE_HOME: folder })).mode & 0o777).toBe(0o600);
    expect(loadFrameSecret('/dev/null/nowhere')).toHaveLength(32);
  });
});
