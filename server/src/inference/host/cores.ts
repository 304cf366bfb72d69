import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Cores that this process may really use: those it may run on, or fewer where its control group has a share of the
 * processor's time, as a container does that was given two of sixty-four cores. More threads than that wait for each
 * other.
 */
export function availableCores(): number {
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quotaInCores())));
}

/** Cores' worth of time that the control groups of this process have; Infinity where nothing limits it. */
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

/** A group's folder and those above it: the least of their limits counts. */
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

/** "max", -1 and nothing at all mean that there is no limit. */
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
