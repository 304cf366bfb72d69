import { randomUUID } from 'node:crypto';
import type { Broker } from '../../../broker/broker.js';
import { askToOpen, onAnnounced } from '../../announcement.js';
import { NatsLink, subjectOf } from '../../link/nats/nats-link.js';
import type { FromSharedWorker, ToSharedWorker } from '../../messages.js';
import type { FindWorkers } from './remote-workers.js';

/** Finds the workers that announce themselves on a broker. */
export function workersOn(broker: Broker): FindWorkers {
  return (onFound) => onAnnounced(broker, ({ id, host }) => onFound({ id, host, open: () => openLink(broker, id) }));
}

function openLink(broker: Broker, worker: string): NatsLink<ToSharedWorker, FromSharedWorker> {
  const id = randomUUID();
  const link = new NatsLink<ToSharedWorker, FromSharedWorker>({ broker, id, end: 'gateway' });
  askToOpen(broker, worker, { id, replyTo: subjectOf(id, 'gateway') });
  return link;
}
