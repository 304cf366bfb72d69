import { PROTOCOL_VERSION, type WelcomeMessage } from '@underpaint/shared';
import type { Live } from './session-state.js';

/** The part of the welcome that is the same for everyone. */
export type Served = Pick<WelcomeMessage, 'features' | 'model' | 'defaults' | 'ranges' | 'limits'>;

/** @param maxFramesInFlight frames that a polite client has in flight at most */
export function welcomeOf(live: Live, served: Served, maxFramesInFlight: number): WelcomeMessage {
  const { memory, participant, term } = live;
  const { session, resume, lastSeq } = memory;
  const { canvas, room } = participant;
  const maxFramesPerSecond = Math.min(served.limits.maxFramesPerSecond, term.grant.framesPerSecond);
  return {
    type: 'welcome',
    protocol: PROTOCOL_VERSION,
    session,
    resume,
    lastSeq,
    ...served,
    limits: { ...served.limits, maxFramesPerSecond, maxFramesInFlight },
    params: canvas.params,
    ...(room && { room }),
    ...term.message,
  };
}
