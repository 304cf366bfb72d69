import type { Quota } from '../access/account.js';
import { UsageError } from '../errors.js';
import { parsed, wholeIn, type Option } from './option.js';

/** The least that is of any use. A rate of bytes must let the largest message pass. */
const LEAST: Readonly<Record<keyof Quota, number>> = {
  connections: 1,
  sessions: 1,
  bytes: 131_072,
  messages: 10,
  frames: 1,
};
const MOST = 10_000_000_000;

/** Limits as in `sessions=4,frames=60`. */
export function quota(help: string): Option<Quota> {
  const names = Object.keys(LEAST).join(', ');
  return parsed<Quota>({ value: 'LIMITS', help, default: {}, defaultText: 'no limits' }, (written, source) => {
    const limits = written
      .split(',')
      .filter(Boolean)
      .map((limit): [string, number] => {
        const [name = '', value = ''] = limit.trim().split('=');
        if (!isName(name))
          throw new UsageError(`${source} limits ${names}, as in sessions=4,frames=60, not "${limit}"`);
        return [name, wholeIn({ min: LEAST[name], max: MOST })(value, `${source}: ${name}`)];
      });
    return Object.fromEntries(limits);
  });
}

function isName(name: string): name is keyof Quota {
  return Object.hasOwn(LEAST, name);
}
