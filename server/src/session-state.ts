import type { HelloMessage } from '@underpaint/shared';
import type { Claim, ReceivedFrame, WaitingFrame } from './frames.js';
import type { RenderRequest } from './inference/executor.js';
import type { Mailbox } from './mailbox.js';
import type { SessionMemory } from './session-registry.js';

/* What a session is at a moment: each state has its own fields and no others. */

export interface Live {
  readonly is: 'live';
  readonly memory: SessionMemory;
  readonly mailbox: Mailbox<WaitingFrame>;
  /** The claim that runs now. */
  running: Claim | undefined;
  /** What the last image shows, for `unchanged` and for refinement. */
  shown: Shown | undefined;
  waitingSinceMs: number;
  lastClaimMs: number;
  lastFrameMs: number;
  /** When the client last asked for anything, or a refinement gave way. */
  lastAskedMs: number;
}

export interface Shown {
  readonly frame: ReceivedFrame;
  readonly version: number;
  readonly fingerprint: Uint8Array | undefined;
  /** Nothing finer is to come: it was refined, or has as many steps already. */
  readonly isFinest: boolean;
}

export type SessionState =
  | { readonly is: 'awaiting-hello' }
  | { readonly is: 'waiting'; readonly hello: HelloMessage }
  | Live
  | { readonly is: 'closing' };

/** Same bytes and same parameters as the image that is shown. */
export function isUnchanged({ shown, memory }: Live, { data }: ReceivedFrame): boolean {
  return shown !== undefined && shown.version === memory.version && Buffer.compare(shown.frame.data, data) === 0;
}

export type ClaimOptions = Pick<Claim, 'queueMs'> &
  Pick<RenderRequest, 'steps' | 'preview' | 'similarity' | 'shown' | 'background'>;

/**
 * A frame with the parameters in force. Every field is written out: a copy with `...` costs more than all else that is
 * done here, for every frame.
 */
export function claimOf(
  { params, version }: SessionMemory,
  { frame, reason }: WaitingFrame,
  options: ClaimOptions,
): Claim {
  const { queueMs, steps, preview, similarity, shown, background } = options;
  const { prompt, negativePrompt, strength, guidance, seed, quality } = params;
  const request: RenderRequest = {
    data: frame.data,
    prompt,
    negativePrompt,
    strength,
    steps,
    guidance,
    seed,
    quality,
    preview,
    background,
    similarity,
    shown,
  };
  return { frame, reason, request, version, queueMs, cancel: () => undefined };
}
