import { readFile } from 'node:fs/promises';
import { arch, cpus } from 'node:os';

/** Names this processor, with its instructions: graphs are laid out for those, and speeds depend on them. */
export async function processorName(): Promise<string> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const [flags = ''] = /^(?:flags|Features)\s*:.*$/m.exec(text) ?? [];
  return `${arch()} ${cpus()[0]?.model ?? ''} ${flags}`;
}
