import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as Y from 'yjs';
import { createOwnerKey } from '../../rooms/address.js';
import { RoomMember } from './room-member.js';
import { quantile, round } from './statistics.js';

export interface EditorsOptions {
  readonly url: string;
  readonly editors: number;
  readonly seconds: number;
}

export interface EditorsResult {
  readonly editors: number;
  readonly strokesPerSecond: number;
  /** From drawing a stroke to its arrival in another member's drawing, ms. */
  readonly strokeP50Ms: number;
  readonly strokeP95Ms: number;
  /** Of the messages that bring a stroke of `STROKE_BYTES` to a member. */
  readonly bytesPerStroke: number;
  /** After they stop: whether all drawings equal the server's, and whether the last picture shows every stroke. */
  readonly areEqual: boolean;
  readonly isLastComplete: boolean;
}

/** A stroke of some two hundred points as the page writes it. */
const STROKE_BYTES = 512;
const STROKES_PER_SECOND = 4;
const FRAMES_PER_SECOND = 5;
const CURSORS_PER_SECOND = 30;
const FRAME_BYTES = 16_384;
const SETTLE_MS = 4_000;
const HASH_BYTES = 32;

/** Many members draw in one room at once, each with a moving pointer and frames of its canvas. */
export async function benchEditors({ url, editors, seconds }: EditorsOptions): Promise<EditorsResult> {
  const owner = await RoomMember.open({ url, room: createOwnerKey(), role: 'owner' });
  const members = [owner];
  while (members.length < editors) members.push(await RoomMember.open({ url, room: owner.room.edit! }));
  const delaysMs: number[] = [];
  for (const member of members) onStroke(member, (drawnMs) => delaysMs.push(performance.now() - drawnMs));
  const shown = new Map<RoomMember, string>();
  for (const member of members) {
    member.onImage = ({ data }) => shown.set(member, Buffer.from(data.subarray(0, HASH_BYTES)).toString('hex'));
  }
  const stopUploads = everyOne(members, FRAMES_PER_SECOND, (member) => {
    if (member.takeUpload()) member.sendFrame(frameOf(member));
  });
  const stopPointers = everyOne(members, CURSORS_PER_SECOND, (member) => member.point(Math.random(), Math.random()));
  const stopStrokes = everyOne(members, STROKES_PER_SECOND, (member) => member.draw(stroke()));
  await sleep(1_000 * seconds);
  stopStrokes();
  stopPointers();
  await sleep(SETTLE_MS);
  stopUploads();
  const late = await RoomMember.open({ url, room: owner.room.view });
  const drawings = [late, ...members].map(({ doc }) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString('base64'));
  const complete = hashOf(late).toString('hex');
  const bytes = members.reduce((sum, { changeBytes }) => sum + changeBytes, 0);
  for (const member of [late, ...members]) member.close();
  return {
    editors,
    strokesPerSecond: round(delaysMs.length / (editors - 1) / seconds),
    strokeP50Ms: round(quantile(delaysMs, 0.5)),
    strokeP95Ms: round(quantile(delaysMs, 0.95)),
    bytesPerStroke: Math.round(bytes / delaysMs.length),
    areEqual: new Set(drawings).size === 1,
    isLastComplete: members.every((member) => shown.get(member) === complete),
  };
}

/** Calls `then` with the drawing time of each stroke by another member. */
function onStroke({ strokes }: RoomMember, then: (drawnMs: number) => void): void {
  strokes.observe(({ changes, transaction }) => {
    if (transaction.local) return;
    for (const { insert } of changes.delta) {
      for (const stroke of (insert ?? []) as Uint8Array[]) then(Buffer.from(stroke).readDoubleLE(0));
    }
  });
}

/** Makes members act at a steady rate, in turn. @returns a function that stops them */
function everyOne(members: readonly RoomMember[], perSecond: number, act: (member: RoomMember) => void): () => void {
  const timers = new Set<NodeJS.Timeout>();
  for (const [i, member] of members.entries()) {
    const start = () => timers.add(setInterval(() => act(member), 1_000 / perSecond));
    timers.add(setTimeout(start, (1_000 * i) / members.length / perSecond));
  }
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

function stroke(): Uint8Array {
  const bytes = Buffer.alloc(STROKE_BYTES);
  bytes.writeDoubleLE(performance.now(), 0);
  return new Uint8Array(bytes);
}

/** A picture that begins with the hash of its drawing. */
function frameOf(member: RoomMember): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES);
  frame.set(hashOf(member));
  return frame;
}

function hashOf({ strokes }: RoomMember): Buffer {
  const hash = createHash('sha256');
  for (const stroke of strokes) hash.update(stroke);
  return hash.digest();
}
