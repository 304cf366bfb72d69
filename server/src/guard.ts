import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

/**
 * Runs the work of an edge: a request, an event of a socket, a timer. If it throws, or its promise rejects, the fault is
 * logged and counted, and `onFault` ends that request or session. It never throws, so the process and all others go on.
 *
 * @param where one of a few fixed names; it labels the log line and the metric
 */
export type Guard = (where: string, work: () => unknown, onFault: () => void) => void;

export interface GuardOptions {
  readonly log: Pick<Logger, 'error'>;
  readonly faults: Metrics['faults'];
}

export function createGuard({ log, faults }: GuardOptions): Guard {
  const report = (where: string, error: unknown) => {
    faults.inc({ where });
    log.error({ err: error, where }, 'fault');
  };
  const end = (where: string, onFault: () => void) => {
    try {
      onFault();
    } catch (error) {
      report(where, error);
    }
  };
  return (where, work, onFault) => {
    const fail = (error: unknown) => {
      report(where, error);
      end(where, onFault);
    };
    try {
      const pending = work();
      if (pending instanceof Promise) pending.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}
