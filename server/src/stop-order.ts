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
const DRAIN = Object.freeze({ rooms: 0.2, frames: 0.5, workers: 0.65, roomsAgain: 0.75, closing: 0.8, all: 0.85 });
/** After a stop the clients come back spread over this time, not all in one instant. */
const RECONNECT_AFTER_MS = Object.freeze({ soonest: 1_000, latest: 4_000 });

/**
 * Writes the rooms, gives every frame its end, says bye to everyone, ends the workers, writes the rooms that changed
 * meanwhile, and closes the sockets. A part that hangs is left behind, so that the whole takes less than `seconds`.
 * Newcomers must be refused before.
 *
 * @returns whether everything ended, and every room is safe
 */
export async function stopInOrder(parts: Stoppable, seconds: number, log: Logger): Promise<boolean> {
  const { rooms, registry, connections, executor, ports, broker, relays } = parts;
  const drain = new Drain(1_000 * seconds, log);
  const answered = parts.stopEngine(drain.leftMs(DRAIN.frames));
  await drain.until(DRAIN.rooms, rooms.save());
  await answered;
  for (const { canvas } of registry) canvas?.dropWaiting();
  connections.bye(CLOSE.restart, reconnectAfterMs);
  relays?.stop();
  const ended = await drain.until(DRAIN.workers, executor.stop(drain.leftMs(DRAIN.workers) / 2));
  registry.clear();
  const saved = await drain.until(DRAIN.roomsAgain, rooms.close());
  const closing = Promise.all([ports.close(drain.leftMs(DRAIN.closing)), broker?.close()]);
  const closed = await drain.until(DRAIN.all, closing);
  if (ended && saved && closed) log.info('stopped');
  else log.error({ workers: ended, rooms: saved, sockets: closed }, 'stopped, but not all ended in time');
  return ended && saved && closed;
}

function reconnectAfterMs(): number {
  const { soonest, latest } = RECONNECT_AFTER_MS;
  return Math.round(soonest + Math.random() * (latest - soonest));
}
