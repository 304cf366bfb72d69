import { beforeEach, describe, expect, it } from 'vitest';
import type { Quota } from '../../../../server/src/access/account.js';
import { addressBlock } from '../../../../server/src/access/address-block.js';
import { Ceilings } from '../../../../server/src/access/ceilings.js';
import { OPEN_GRANT } from '../../../../server/src/access/grant.js';
import { Quotas } from '../../../../server/src/access/quotas.js';
import { inWords } from '../../../../server/src/access/usage.js';

let nowMs: number;
beforeEach(() => void (nowMs = 0));
const now = () => nowMs;

function create(perAddress: Quota, perSubject: Quota = {}, memoryBytes = 0): Quotas {
  const ceilings = new Ceilings({ bytesPerSecond: 0, memoryBytes, memoryUsed: () => 10, now });
  return new Quotas({ perAddress, perSubject, ceilings, now });
}
const by = (subject: string, sessions?: number) => ({ ...OPEN_GRANT, subject, sessions });

describe('one address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:ffff::2', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('%s counts as %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});

describe('connections', () => {
  it('are counted for each address until they are closed', () => {
    const quotas = create({ connections: 2 });
    const [first] = [quotas.connect('2001:db8::1'), quotas.connect('2001:db8::2')];
    expect(quotas.mayConnect('2001:db8::3')).toBe(false);
    expect(quotas.mayConnect('2001:db8:1::3')).toBe(true);
    first.close();
    expect(quotas.mayConnect('2001:db8::3')).toBe(true);
  });
});

describe('sessions', () => {
  it('are counted for each address', () => {
    const quotas = create({ sessions: 1 });
    const [one, another] = [quotas.connect('a'), quotas.connect('a')];
    expect(one.enter(OPEN_GRANT)).toBeUndefined();
    expect(another.enter(OPEN_GRANT)).toMatchObject({ of: 'address', what: 'sessions', retryAfterMs: 15_000 });
    expect(quotas.connect('b').enter(OPEN_GRANT)).toBeUndefined();
    one.leave();
    expect(another.enter(OPEN_GRANT)).toBeUndefined();
  });

  it('are counted for each subject, and a token may say how many', () => {
    const quotas = create({}, { sessions: 1 });
    expect(quotas.connect('a').enter(by('anna'))).toBeUndefined();
    expect(quotas.connect('b').enter(by('anna'))).toMatchObject({ of: 'subject', what: 'sessions' });
    expect(quotas.connect('b').enter(by('anna', 2))).toBeUndefined();
    expect(quotas.connect('c').enter(by('ben', 1))).toBeUndefined();
    const closing = quotas.connect('c');
    expect(closing.enter(by('ben', 1))).toBeDefined();
  });

  it('that were refused, or ended twice, leave nothing behind', () => {
    const quotas = create({ sessions: 1 }, { sessions: 1 });
    const [one, another] = [quotas.connect('a'), quotas.connect('a')];
    one.enter(by('anna'));
    another.enter(by('ben'));
    another.close();
    one.leave();
    one.leave();
    one.close();
    expect(quotas.connect('a').enter(by('anna'))).toBeUndefined();
    expect(quotas.connect('b').enter(by('ben'))).toBeUndefined();
    expect(quotas.connect('a').enter(by('cara'))).toMatchObject({ of: 'address' });
  });

  it('are refused while the server is at a ceiling', () => {
    const excess = create({}, {}, 9).connect('a').enter(OPEN_GRANT);
    expect(excess).toMatchObject({ of: 'server', what: 'memory' });
    expect(inWords(excess!)).toBe('the server has as much to do as it may');
  });
});

describe('rates', () => {
  it('are shared by all connections of an address', () => {
    const quotas = create({ messages: 10 });
    const usages = [quotas.connect('a'), quotas.connect('a')];
    let passed = 0;
    for (let turn = 0; turn < 50; turn++) if (!usages[turn % 2]!.receive(1)) passed += 1;
    expect(passed).toBe(40);
    nowMs += 1_000;
    expect(usages[0]!.receive(1)).toBeUndefined();
  });

  it('are shared by all connections of a subject', () => {
    const quotas = create({}, { frames: 5 });
    const usages = ['a', 'b'].map((address) => quotas.connect(address));
    for (const usage of usages) usage.enter(by('anna'));
    let passed = 0;
    for (let turn = 0; turn < 50; turn++) if (!usages[turn % 2]!.receiveFrame()) passed += 1;
    expect(passed).toBe(20);
    expect(usages[0]!.receiveFrame()).toMatchObject({ of: 'subject', what: 'frames', retryAfterMs: 1_000 });
  });

  it('count bytes, and say when there is room again', () => {
    const usage = create({ bytes: 200_000 }).connect('a');
    expect(usage.receive(700_000)).toBeUndefined();
    const excess = usage.receive(500_000);
    expect(excess).toEqual({ of: 'address', what: 'bytes', retryAfterMs: 2_000 });
    expect(inWords(excess!)).toBe('more bytes a second came from this address than may');
  });

  it('are not reset by closing the connection', () => {
    const quotas = create({ messages: 10 });
    const usage = quotas.connect('a');
    while (!usage.receive(1));
    usage.close();
    expect(quotas.connect('a').receive(1)).toBeDefined();
  });
});

describe('ceilings', () => {
  it('of egress are reached by sending, and left after a while', () => {
    const ceilings = new Ceilings({ bytesPerSecond: 1_000, memoryBytes: 0, memoryUsed: () => 0, now });
    ceilings.sent(4_999);
    expect(ceilings.reached).toBeUndefined();
    ceilings.sent(2_001);
    expect(ceilings.reached).toBe('egress');
    nowMs += 1_000;
    expect(ceilings.reached).toBe('egress');
    nowMs += 1_100;
    expect(ceilings.reached).toBeUndefined();
  });

  it('of memory are looked at once a second', () => {
    let used = 5;
    let asked = 0;
    const memoryUsed = () => (asked++, used);
    const ceilings = new Ceilings({ bytesPerSecond: 0, memoryBytes: 10, memoryUsed, now });
    expect(ceilings.reached).toBeUndefined();
    used = 11;
    expect(ceilings.reached).toBeUndefined();
    nowMs += 1_000;
    expect(ceilings.reached).toBe('memory');
    expect(asked).toBe(2);
  });
});
