import type { RenderRequest, RenderedImage, ServedModel } from './executor.js';
import type { ErrorCode } from '@underpaint/shared';

/** What the worker process is started with. */
export interface WorkerOptions {
  readonly modelDir: string;
  readonly device: string;
  /** Threads of one ONNX Runtime call; 0 leaves the choice to it. */
  readonly threads: number;
  /** Rows of one UNet call at the most. */
  readonly maxRows: number;
  /** Pixels of a frame at the most, before it is scaled. */
  readonly maxFramePixels: number;
}

// ── socket process and worker process ───────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  | { readonly type: 'render'; readonly id: number; readonly request: RenderRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'ready'; readonly model: ServedModel }
  /** The model could not be loaded; starting again would end the same way. */
  | { readonly type: 'unusable'; readonly message: string }
  /** So many more frames may be sent: a row is free, or will be after the call that starts now. */
  | { readonly type: 'room'; readonly count: number }
  | { readonly type: 'image'; readonly id: number; readonly image: RenderedImage }
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string };

// ── worker process and its device thread: pixels move, they are never copied ────────────────────────────────────────

export type RowRequest = Omit<RenderRequest, 'data' | 'quality'>;

export type ToDevice =
  | {
      readonly type: 'row';
      readonly id: number;
      readonly request: RowRequest;
      readonly pixels: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'cancel'; readonly id: number }
  /** A frame that was granted room will not come: its picture was bad. */
  | { readonly type: 'forgo' }
  | { readonly type: 'stop' };

export type FromDevice =
  | Exclude<FromWorker, { readonly type: 'image' }>
  | {
      readonly type: 'pixels';
      readonly id: number;
      readonly pixels: Uint8Array<ArrayBuffer>;
      readonly steps: number;
      readonly inferMs: number;
    };
