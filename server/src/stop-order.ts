import { setTimeout as wait } from 'node:timers/promises';
import { CLOSE } from '@underpaint/shared';
import type { Broker } from './broker/broker.js';
import { Drain } from './drain.js';
import type { ExecutorPool } from './inference/host/pool.js';
import type { Logger } from './logger.js';
import type { Ports } from './ports.js';
import type { Rooms } from './rooms/rooms.js';
import type { Connections } from './session/connections.js';
import type { SessionRegistry } from './session/registry.js';
import type { Session } from './session/session.js';
import type { Relays } from './transport/relay/relays.js';

export interface Stoppable {
  readonly stopEngine: (graceMs: number) => Promise<void>;
  readonly rooms: Rooms;
  readonly registry: SessionRegistry<Session>;
  readonly connections: Connections;
  readonly executor: ExecutorPool;
  readonly ports: Ports;
  readonly broker: Broker | undefined;
  readonly relays: Relays | undefined;
}

/** Shares of the time for a stop by which its parts are over; the rest is for the end of the process. */
const DRAIN = Object.freeze({
  moved: 0.3,
  rooms: 0.35,
  frames: 0.5,
  workers: 0.65,
  roomsAgain: 0.75,
  closing: 0.8,
  all: 0.85,
});
/** After a stop the clients come back spread over this time, not all in one instant. */
const RECONNECT_AFTER_MS = Object.freeze({ soonest: 1_000, latest: 4_000 });
/** Where others serve on, they come back at once, and are sent away so far apart. With many it is less. */
const MOVE_EVERY_MS = 20;

/**
 * Leaves rooms and clients to other servers, one after the other, where there are some. Writes the rooms, gives every frame
 * its end, says bye to everyone, ends the workers, writes the rooms that changed meanwhile, and closes the sockets. A part
 * that hangs is left behind, so that the whole takes less than `seconds`.
 * Newcomers must be refused before.
 *
 * @returns whether everything ended, and every room is safe
 */
export async function stopInOrder(parts: Stoppable, seconds: number, log: Logger): Promise<boolean> {
  const { rooms, registry, executor, ports, broker, relays } = parts;
  const drain = new Drain(1_000 * seconds, log);
  relays?.stop();
  if (rooms.canMove) {
    ports.refuse();
    await drain.until(DRAIN.moved, moveAway(parts, drain.leftMs(DRAIN.moved)));
  }
  const answered = parts.stopEngine(drain.leftMs(DRAIN.frames));
  await drain.until(DRAIN.rooms, rooms.save());
  await answered;
  for (const { canvas } of registry) canvas?.dropWaiting();
  for (const sayGoodbye of goodbyes(parts, reconnectAfterMs)) sayGoodbye();
  const ended = await drain.until(DRAIN.workers, executor.stop(drain.leftMs(DRAIN.workers) / 2));
  registry.clear();
  const saved = await drain.until(DRAIN.roomsAgain, rooms.close());
  const closing = Promise.all([ports.close(drain.leftMs(DRAIN.closing)), registry.close().then(() => broker?.close())]);
  const closed = await drain.until(DRAIN.all, closing);
  if (ended && saved && closed) log.info('stopped');
  else log.error({ workers: ended, rooms: saved, sockets: closed }, 'stopped, but not all ended in time');
  return ended && saved && closed;
}

/** Clients that go to other servers all at once would be too many for these. */
async function moveAway(parts: Stoppable, withinMs: number): Promise<void> {
  const moves = [...parts.rooms.moves(), ...goodbyes(parts, () => 0)];
  const everyMs = Math.min(MOVE_EVERY_MS, withinMs / moves.length);
  const startedMs = performance.now();
  for (const [i, move] of moves.entries()) {
    const inMs = startedMs + i * everyMs - performance.now();
    if (inMs > 0) await wait(inMs);
    move();
  }
}

/** Asks all clients to reconnect. */
function goodbyes({ connections, relays }: Stoppable, afterMs: () => number): (() => void)[] {
  return [...connections.goodbyes(CLOSE.restart, afterMs), ...(relays?.goodbyes(afterMs) ?? [])];
}

function reconnectAfterMs(): number {
  const { soonest, latest } = RECONNECT_AFTER_MS;
  return Math.round(soonest + Math.random() * (latest - soonest));
}
