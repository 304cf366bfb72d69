import type { ModelSummary } from '@underpaint/shared';

/** One frame and everything its image depends on. */
export interface RenderRequest {
  /** JPEG, PNG or WebP bytes as the client sent them. */
  readonly data: Uint8Array;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly strength: number;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
  /** JPEG quality, 1..100. */
  readonly quality: number;
}

export interface RenderedImage {
  /** JPEG bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** UNet calls it took. */
  readonly steps: number;
  readonly timing: { readonly decodeMs: number; readonly inferMs: number; readonly encodeMs: number };
}

/** What a loaded model is, as the service needs to know it. */
export interface ServedModel extends ModelSummary {
  readonly device: string;
  readonly defaults: {
    readonly prompt?: string;
    readonly strength?: number;
    readonly steps?: number;
    readonly guidance?: number;
  };
}

/** Turns frames into images somewhere else. The engine sees the worker as this. */
export interface InferenceExecutor {
  /** Resolves when one more `render` would start right away. Rejects when `signal` aborts. */
  room(signal: AbortSignal): Promise<void>;
  /**
   * @throws FrameError: a bad picture (not retryable), or the worker died (retryable)
   * @throws the reason of `signal`, between two UNet calls at the earliest
   */
  render(request: RenderRequest, signal: AbortSignal): Promise<RenderedImage>;
}
