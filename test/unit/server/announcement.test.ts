import { pack } from '@underpaint/shared';
import { expect, it } from 'vitest';
import { announce, LINK_VERSION, onAnnounced, type Announcement } from '../../../server/src/inference/announcement.js';
import { MemoryBroker } from '../../helpers/memory-broker.js';

const GOOD: Announcement = {
  version: LINK_VERSION,
  id: '0b8e4f6e-32a1-4a7f-9d3c-5a5a6f1d2c3b',
  host: 'gpu-1',
  model: { id: 'landscape', width: 256, height: 256 },
  device: 'cuda:0',
  dtype: 'fp16',
  rows: 8,
  rowMs: 1.5,
};

/** The ids of the announcements that are heard of these bytes. */
async function heard(bytes: Uint8Array): Promise<string[]> {
  const broker = new MemoryBroker();
  const ids: string[] = [];
  onAnnounced(broker, ({ id }) => ids.push(id));
  broker.publish('underpaint.announced', bytes);
  await new Promise(setImmediate);
  return ids;
}

it('hears an announcement', async () => {
  const broker = new MemoryBroker();
  const all: Announcement[] = [];
  onAnnounced(broker, (announcement) => all.push(announcement));
  announce(broker, GOOD);
  await new Promise(setImmediate);
  expect(all).toEqual([GOOD]);
});

it.each([
  ['of another version', { version: 0 }],
  ['without an id', { id: undefined }],
  ['with an id that is a pattern of subjects', { id: '>' }],
  ['with an id of several parts', { id: 'a.b' }],
  ['with a host that is no text', { host: 7 }],
  ['with a long host', { host: 'x'.repeat(300) }],
  ['with a model without a size', { model: { id: 'a' } }],
  ['without rows', { rows: 0 }],
  ['with a time that is no number', { rowMs: NaN }],
])('ignores one %s', async (_, part) => {
  expect(await heard(pack({ ...GOOD, ...part }))).toEqual([]);
});

it('ignores bytes that are no message', async () => {
  expect(await heard(Uint8Array.of(0xc1, 1, 2))).toEqual([]);
  expect(await heard(new Uint8Array(0))).toEqual([]);
  expect(await heard(pack(GOOD))).toEqual([GOOD.id]);
});
