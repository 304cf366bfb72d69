import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMessage, SUBPROTOCOL } from '@underpaint/shared';
import { WebSocket } from 'ws';

/* Messages of strangers to a real server, over sockets. Each waits until it was heard, so that they do not only queue. */

const HEARD_MS = 10_000;
/** An odd request may be incomplete; nobody waits for its end. */
const ANSWERED_MS = 400;

/** Sends messages until it is closed; returns how many were heard. */
export async function say(port: number, messages: readonly Uint8Array[]): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, SUBPROTOCOL);
  socket.on('error', () => undefined);
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  await once(socket, 'open');
  let heard = 0;
  for (const message of messages) {
    socket.send(message);
    heard += 1;
    socket.ping();
    const signal = AbortSignal.timeout(HEARD_MS);
    const answered = once(socket, 'pong', { signal }).then(() => 'heard' as const);
    if ((await Promise.race([answered, closed])) === 'closed') break;
  }
  socket.terminate();
  return heard;
}

/** A client about to enter the room with the number `author`. */
export function helloTo(room: string | undefined, author: number): Uint8Array {
  return encodeMessage(room === undefined ? { type: 'hello' } : { type: 'hello', room, author });
}

/** Sends bytes to the port and disconnects, with or without an answer. */
export async function shout(port: number, text: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(Buffer.from(text, 'latin1'));
  const ended = ['data', 'end', 'close'].map((event) => new Promise((resolve) => socket.once(event, resolve)));
  await Promise.race([...ended, sleep(ANSWERED_MS)]);
  socket.destroy();
}

/** Runs jobs, so many at a time. */
export async function inTurns<T>(
  jobs: readonly T[],
  places: number,
  work: (job: T) => Promise<unknown>,
): Promise<void> {
  const waiting = jobs.values();
  const take = async () => {
    for (const job of waiting) await work(job);
  };
  await Promise.all(Array.from({ length: places }, take));
}
