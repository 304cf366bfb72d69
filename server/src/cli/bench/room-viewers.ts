import { setTimeout as sleep } from 'node:timers/promises';
import { createOwnerKey } from '../../rooms/address.js';
import { RoomMember } from './room-member.js';
import type { Served } from './served.js';
import { round } from './statistics.js';

export interface ViewersOptions {
  readonly served: Served;
  readonly viewers: number;
  /** Of each measurement. */
  readonly seconds: number;
}

export interface ViewersResult {
  readonly viewers: number;
  /** Model runs over the pictures that each viewer received. */
  readonly runsPerImage: number;
  readonly imagesPerSecond: number;
  /** Resident memory of the server that a viewer adds. */
  readonly bytesPerViewer: number;
  /** Outdated images that a viewer receives after it did not read for a while. */
  readonly oldImages: number;
  /** Image rate of the other viewers meanwhile, over their rate before. */
  readonly rateOfOthers: number;
}

const FRAMES_PER_SECOND = 15;
const FRAME_BYTES = 16_384;
const SETTLE_MS = 1_000;
const CONNECT_AT_ONCE = 20;

/** One member draws and many watch; then one viewer stops reading for a while. */
export async function benchViewers({ served, viewers, seconds }: ViewersOptions): Promise<ViewersResult> {
  const url = served.socketUrl;
  const owner = await RoomMember.open({ url, room: createOwnerKey(), role: 'owner' });
  const before = await served.metric('process_resident_memory_bytes');
  const watching: RoomMember[] = [];
  while (watching.length < viewers) {
    const some = Math.min(CONNECT_AT_ONCE, viewers - watching.length);
    const open = () => RoomMember.open({ url, room: owner.room.view });
    watching.push(...(await Promise.all(Array.from({ length: some }, open))));
  }
  await sleep(SETTLE_MS);
  const memory = (await served.metric('process_resident_memory_bytes')) - before;
  const [paused, ...others] = watching as [RoomMember, ...RoomMember[]];
  let seen = 0;
  for (const viewer of others) viewer.onImage = () => (seen += 1);
  const stop = send(owner);
  await sleep(SETTLE_MS);

  const runs = await served.metric('underpaint_frames_claimed_total');
  const free = await rate(seconds, () => seen);
  const ran = (await served.metric('underpaint_frames_claimed_total')) - runs;

  paused.pause();
  const during = await rate(seconds, () => seen);
  let oldImages = 0;
  const returned = stop.sent();
  paused.onImage = ({ data }) => {
    if (numberOf(data) <= returned) oldImages += 1;
  };
  paused.resume();
  await sleep(SETTLE_MS);
  stop();
  for (const member of [owner, ...watching]) member.close();
  return {
    viewers,
    runsPerImage: round(ran / (free.count / others.length)),
    imagesPerSecond: round(free.perSecond / others.length),
    bytesPerViewer: Math.round(memory / viewers),
    oldImages,
    rateOfOthers: round(during.perSecond / free.perSecond),
  };
}

/** The growth of a count, in all and per second. */
async function rate(seconds: number, count: () => number): Promise<{ count: number; perSecond: number }> {
  const [startedMs, before] = [performance.now(), count()];
  await sleep(1_000 * seconds);
  const risen = count() - before;
  return { count: risen, perSecond: (1_000 * risen) / (performance.now() - startedMs) };
}

/** Sends frames at a steady rate. Each begins with its number. */
function send(member: RoomMember): (() => void) & { sent: () => number } {
  let number = 0;
  const timer = setInterval(() => {
    const frame = Buffer.alloc(FRAME_BYTES, 7);
    frame.writeUInt32LE(++number, 0);
    member.sendFrame(frame);
  }, 1_000 / FRAMES_PER_SECOND);
  return Object.assign(() => clearInterval(timer), { sent: () => number });
}

function numberOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true);
}
