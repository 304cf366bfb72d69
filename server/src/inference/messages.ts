import type { ErrorCode } from '@underpaint/shared';
import type { WantedDtype } from './dtype.js';
import type { Size } from '../pipeline/graphs/pixels.js';
import type { Measured, NoImageReason, RenderedImage, RenderRequest, ServedModel, Startup } from './contract.js';

/** The settings of a worker. */
export interface WorkerOptions {
  readonly modelDir: string;
  /** Folder of an autoencoder to use in place of the model's own; empty for none. */
  readonly vaeDir: string;
  /** Size of the pictures in pixels; by default the one that the model was made for. */
  readonly size?: Size | undefined;
  /** Whether the model's safety checker, if it has one, judges the pictures. */
  readonly safetyChecker: boolean;
  readonly device: string;
  /** The graphs to take where the folder has several types of numbers. */
  readonly dtype: WantedDtype;
  /** Threads of one ONNX Runtime call; 0 leaves the choice to it. */
  readonly threads: number;
  /** Rows of one UNet call at most; 0 measures the best number. */
  readonly maxRows: number;
  /** Pixels of a frame at most, before scaling. */
  readonly maxFramePixels: number;
}

// ── gateway and worker, over a link ─────────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  /** Comes first: load the model. */
  | { readonly type: 'start'; readonly options: WorkerOptions }
  | { readonly type: 'render'; readonly id: number; readonly request: RenderRequest }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'measure' }
  /** Finish the running frames, then end. */
  | { readonly type: 'stop' };

export type FromWorker =
  /** Repeated all the time; a worker that falls silent is stopped or hangs. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'ready';
      readonly model: ServedModel;
      readonly startup: Startup;
      /** Names the model and the machine: measurements of workers with the same key hold for this one. */
      readonly speedKey: string;
    }
  /** The model cannot be loaded, and another attempt would fail the same way. */
  | { readonly type: 'unusable'; readonly message: string }
  /** Undefined if a frame came meanwhile. */
  | { readonly type: 'measured'; readonly measured: Measured | undefined }
  /** Grants so many more frames: rows that are free, or will be in so many ms, after the call that starts now. */
  | { readonly type: 'capacity'; readonly count: number; readonly inMs: number }
  | { readonly type: 'image'; readonly id: number; readonly image: RenderedImage; readonly final: boolean }
  /** The picture has been decoded, or has failed to decode. */
  | { readonly type: 'decoded'; readonly id: number; readonly ms: number }
  /** There will be no image. */
  | { readonly type: 'no-image'; readonly id: number; readonly why: NoImageReason }
  | {
      readonly type: 'error';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
    }
  /** The device is lost or out of memory, and its frames have failed. Only a new process helps. */
  | {
      readonly type: 'device-failed';
      readonly message: string;
      readonly outOfMemory: boolean;
      readonly maxRows: number;
    }
  | { readonly type: 'calls'; readonly calls: number; readonly rows: number };

// ── gateway and a worker that several gateways share ────────────────────────────────────────────────────────────────

/** How much a gateway asks of the workers that it shares with others. */
export interface Demand {
  /** Canvases with a frame that may leave now. */
  readonly ready: number;
  /** Canvases that wait for an image: their frame may leave now, or soon, or is being rendered. */
  readonly drawing: number;
  /** Device time that each of its canvases has had so far, from all workers, on average over those that drew, in ms. */
  readonly usedMs: number;
}

export type ToSharedWorker =
  | { readonly type: 'demand'; readonly demand: Demand }
  /** `owner` is a number for the canvas, the same for all its frames. */
  | { readonly type: 'render'; readonly id: number; readonly owner: number; readonly request: RenderRequest }
  | { readonly type: 'cancel'; readonly id: number }
  /** Answers `recall`: so many grants are given back. The others are used up. */
  | { readonly type: 'returned'; readonly count: number; readonly recalled: number };

export type FromSharedWorker =
  /** Comes first. */
  | { readonly type: 'ready'; readonly model: ServedModel; readonly speedKey: string }
  /** Asks for grants back, because another gateway has frames for them. */
  | { readonly type: 'recall'; readonly count: number }
  /** Grants so many more frames, for rows that are free or are free soon. */
  | { readonly type: 'capacity'; readonly count: number }
  | Extract<FromWorker, { readonly type: 'image' | 'decoded' | 'no-image' | 'error' }>;

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
  /** Gives granted capacity back: the frame was bad, cancelled or unchanged. */
  | { readonly type: 'forgo' }
  | { readonly type: 'measure' }
  | { readonly type: 'stop' };

export type FromDevice =
  | Exclude<FromWorker, { readonly type: 'image' | 'alive' | 'decoded' }>
  | {
      readonly type: 'pixels';
      readonly id: number;
      readonly pixels: Uint8Array<ArrayBuffer>;
      /** Whether the safety checker flagged them. */
      readonly flagged: boolean;
      readonly step: number;
      readonly steps: number;
      readonly inferMs: number;
    };
