import { readFile } from 'node:fs/promises';
import { arch, cpus } from 'node:os';

/** The processor with its instructions: what is fastest depends on them, and weights are laid out as wide as they are. */
export async function processor(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const [flags = ''] = /^(?:flags|Features)\s*:.*$/m.exec(text) ?? [];
  return `${arch()} ${cpus()[0]?.model ?? ''} ${flags}`;
}
