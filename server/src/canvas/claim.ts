import type { Params } from '@underpaint/shared';
import type { Claim, WaitingFrame } from './frames.js';
import type { RenderRequest } from '../inference/contract.js';

export interface ClaimOptions
  extends
    Pick<Claim, 'queueMs' | 'version'>,
    Pick<RenderRequest, 'steps' | 'preview' | 'similarity' | 'shown' | 'background'> {
  readonly params: Params;
}

/**
 * A frame with the parameters in force. Every field is written out: a copy with `...` costs more than all else that is
 * done here, for every frame.
 */
export function claimOf({ frame, reason }: WaitingFrame, options: ClaimOptions): Claim {
  const { params, version, queueMs, steps, preview, similarity, shown, background } = options;
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
