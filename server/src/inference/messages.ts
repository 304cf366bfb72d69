import type { ErrorCode } from '@underpaint/shared';
import type { Size } from '../pipeline/graphs/pixels.js';
import type { Measured, RenderedImage, RenderRequest, ServedModel, Startup } from './contract.js';

/** What the worker process is started with. */
export interface WorkerOptions {
  readonly modelDir: string;
  /** A folder whose autoencoder goes before the model's own; empty for none. */
  readonly vaeDir: string;
  /** Pixels of the pictures; without it the size that the model was made for. */
  readonly size?: Size | undefined;
  /** Whether pictures are judged, where the model has a safety checker. */
  readonly safetyChecker: boolean;
  readonly device: string;
  /** Threads of one ONNX Runtime call; 0 leaves the choice to it. */
  readonly threads: number;
  /** Rows of one UNet call at the most; 0 measures. */
  readonly maxRows: number;
  /** Pixels of a frame at the most, before it is scaled. */
  readonly maxFramePixels: number;
}

// ── socket process and worker process ───────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  | { readonly type: 'render'; readonly id: number; readonly request: RenderRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'measure' }
  | { readonly type: 'stop' };

export type FromWorker =
  /** Said all the time: who does not is stopped, or hangs. */
  | { readonly type: 'alive' }
  | { readonly type: 'ready'; readonly model: ServedModel; readonly startup: Startup }
  /** The model could not be loaded; starting again would end the same way. */
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'measured'; readonly measured: Measured }
  /** So many more frames may be sent: a row is free, or will be after the call that starts now. */
  | { readonly type: 'room'; readonly count: number }
  | { readonly type: 'image'; readonly id: number; readonly image: RenderedImage; readonly final: boolean }
  /** Its picture was decoded, or could not be. */
  | { readonly type: 'decoded'; readonly id: number; readonly ms: number }
  /** There will be no image: the frame is like the one shown, or was cancelled, or gave way to others. */
  | { readonly type: 'no-image'; readonly id: number; readonly why: 'unchanged' | 'cancelled' | 'gave-way' }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    }
  /** The device is lost or out of memory, after its frames were failed: only a new process helps. */
  | {
      readonly type: 'device-failed';
      readonly message: string;
      readonly outOfMemory: boolean;
      readonly maxRows: number;
    }
  | { readonly type: 'calls'; readonly calls: number; readonly rows: number };

// ── worker process and its device thread: pixels move, they are never copied ────────────────────────────────────────

export type RowRequest = Pick<RenderRequest, 'params' | 'steps' | 'background'>;

export type ToDevice =
  | {
      readonly type: 'row';
      readonly id: number;
      readonly request: RowRequest;
      readonly pixels: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: 'cancel'; readonly id: number }
  /** A frame that was granted room will not come: its picture was bad, or nothing new. */
  | { readonly type: 'forgo' }
  | { readonly type: 'measure' }
  | { readonly type: 'stop' };

export type FromDevice =
  | Exclude<FromWorker, { readonly type: 'image' | 'alive' | 'decoded' }>
  | {
      readonly type: 'pixels';
      readonly id: number;
      readonly pixels: Uint8Array<ArrayBuffer>;
      /** Whether the safety checker would not have them shown as they are. */
      readonly flagged: boolean;
      readonly step: number;
      readonly steps: number;
      readonly inferMs: number;
    };
