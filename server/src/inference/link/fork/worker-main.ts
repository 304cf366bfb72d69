import { startHeartbeat } from '../../worker/heartbeat.js';
import { ParentLink } from './parent-link.js';

/*
 * Entry of the worker process. A process of its own, because a native crash or an out-of-memory kill takes its whole
 * process along.
 */

const link = new ParentLink();
// Before anything large is loaded: the gateway takes a silent worker for one that hangs.
startHeartbeat(link);
// Ctrl-C reaches all processes of a terminal, and a stop by systemd all of a service. Only the gateway may stop a worker.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const { runWorker } = await import('../../worker/worker.js');
runWorker(link);
