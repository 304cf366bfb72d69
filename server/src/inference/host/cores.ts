import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Cores that this process may use: those it may run on, or fewer if its control group limits CPU time, as in a container
 * with two of sixty-four cores. More threads than that would wait for each other.
 */
export function availableCores(): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quotaInCores())));
}

/** CPU time that the control groups allow this process, in cores; Infinity without a limit. */
export function quotaInCores(root = '/'): number {
  const mounted = join(root, 'sys/fs/cgroup');
  const groups = read(join(root, 'proc/self/cgroup')).split('\n');
  const quotas = groups.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return upward(mounted, path).map(quotaOfVersion2);
    if (!controllers.split(',').includes('cpu')) return [];
    return upward(join(mounted, 'cpu'), path).map(quotaOfVersion1);
  });
  return Math.min(Infinity, ...quotas);
}

/** A group's folder and its parents: the lowest of their limits applies. */
function upward(mounted: string, path: string): string[] {
  const folders = [join(mounted, path)];
  while (folders.at(-1)!.length > mounted.length) folders.push(dirname(folders.at(-1)!));
  return folders;
}

function quotaOfVersion2(folder: string): number {
  return ratio(...(read(join(folder, 'cpu.max')).trim().split(' ') as [string, string?]));
}

function quotaOfVersion1(folder: string): number {
  return ratio(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')));
}

/** "max", -1 and an empty text mean no limit. */
function ratio(quota: string, period = ''): number {
  const share = Number.parseInt(quota, 10) / Number.parseInt(period, 10);
  return share > 0 ? share : Infinity;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
