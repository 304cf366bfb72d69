import type { ModelSummary, Params, Range } from '@underpaint/shared';
import type { Dtype } from '../pipeline/folder/variants.js';
import { rowsPerPicture, type GuidanceKind } from '../pipeline/family.js';

/** One frame and everything its image depends on. */
export interface RenderRequest {
  /** JPEG, PNG or WebP bytes as the client sent them. */
  readonly data: Uint8Array;
  /** The parameters in force when the frame was claimed. */
  readonly params: Params;
  /** UNet calls to make: `params.steps`, or fewer under load, or more for a refinement. */
  readonly steps: number;
  /** Fingerprint of the frame on screen; a frame at least `params.similarity` alike is not run. None: no comparison. */
  readonly shown: Uint8Array | undefined;
  /** Uses idle capacity only and gives way to every other frame. It has no preview and no fingerprint. */
  readonly background: boolean;
  /** The span that it belongs to (W3C), if its trace is exported. */
  readonly traceparent?: string;
}

export interface RenderedImage {
  /** JPEG bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** UNet calls so far, and in all. */
  readonly step: number;
  readonly steps: number;
  /** Whether it is blurred because the model's safety checker flagged it. */
  readonly flagged: boolean;
  readonly timing: { readonly decodeMs: number; readonly inferMs: number; readonly encodeMs: number };
  /** A small copy of the frame, to compare the next one with; only if `similarity` asks for comparisons. */
  readonly fingerprint: Uint8Array | undefined;
}

/** Why a frame has no image: it resembles the one on screen, gave way to others, or was cancelled. */
export type NoImageReason = 'unchanged' | 'gave-way' | 'cancelled';

/** The image of a frame, or the reason for having none. */
export type RenderOutcome = RenderedImage | NoImageReason;

/** A running frame. */
export interface Rendering {
  /** @throws FrameError for a bad picture (not retryable), or when the worker died (retryable) */
  readonly outcome: Promise<RenderOutcome>;
  /** Stops the run before its next UNet call. The outcome may still be an image. */
  cancel(): void;
}

/** What a frame was asked for with, for traces. */
export interface AskedFor {
  readonly frame: { readonly traceparent?: string | undefined };
  readonly reason: string;
  /** When it was asked for, ms. */
  readonly askedMs: number;
  readonly queueMs: number;
}

export interface RenderOptions {
  /** Owner of the frame. Frames of one owner go to the same device if possible. */
  readonly owner: object;
  readonly onPreview: (image: RenderedImage) => void;
  /** Called with the time that decoding the picture took, in ms, even if the frame then has no image. */
  readonly onDecoded?: (ms: number) => void;
  /** On a gateway. */
  readonly asked?: AskedFor;
}

/** Frames that share a device at their ease take at most so much longer than one alone. */
export const EASY = 1.35;

/** The cost of pictures on a device, measured during its warm-up. */
export interface DevicePace {
  /** Rows of one UNet call; more would not be faster. */
  readonly maxRows: number;
  /** ms of one row of a UNet call of `maxRows`. */
  readonly rowMs: number;
  /** ms of one picture in the autoencoder, both ways. */
  readonly autoencoderMs: number;
  /** ms of one picture of one step that has the device to itself, autoencoder included. */
  readonly aloneMs: number;
  /** So many frames can share the device and each still takes little longer than alone; 1..maxRows. */
  readonly easyRows: number;
}

/** Parameters whose useful values depend on the model. */
type ModelParam = 'strength' | 'steps' | 'guidance' | 'control';

/** A loaded model, as the service needs to know it. */
export interface ServedModel extends ModelSummary {
  readonly device: string;
  /** The type of numbers that its graphs compute in. */
  readonly dtype: Dtype;
  readonly defaults: Partial<Pick<Params, 'prompt' | ModelParam>>;
  /** The useful values of parameters. Only a model that takes the sketch as a control has `control`. */
  readonly controls: { readonly [Name in ModelParam]?: Partial<Pick<Range, 'min' | 'max'>> };
  readonly guidance: GuidanceKind;
  /** The number of steps beyond which pictures improve no further, if the model card gives one. */
  readonly refineSteps?: number | undefined;
  readonly pace: DevicePace;
}

/** Device time of one picture, in ms. */
export function frameMs(
  { pace, guidance: kind }: Pick<ServedModel, 'pace' | 'guidance'>,
  { steps, guidance }: Pick<Params, 'steps' | 'guidance'>,
): number {
  return pace.autoencoderMs + steps * rowsPerPicture(kind, guidance) * pace.rowMs;
}

/** Device time of a request, in ms. */
export function requestMs(model: Pick<ServedModel, 'pace' | 'guidance'>, { steps, params }: RenderRequest): number {
  return frameMs(model, { steps, guidance: params.guidance });
}

/** Turns frames into images. This is all that the engine sees of the workers. */
export interface InferenceExecutor {
  /** Resolves when one more `render` would start right away. Rejects when `signal` aborts. */
  untilFree(signal: AbortSignal): Promise<void>;
  render(request: RenderRequest, options: RenderOptions): Rendering;
}

/** The cost of getting ready. */
export interface Startup {
  /** ms to load the graphs, and to run them once at every size in use. */
  readonly loadMs: number;
  readonly warmUpMs: number;
  /** Peak memory of the process: once the graphs were loaded, and when it was ready. */
  readonly loadPeakBytes: number;
  readonly peakBytes: number;
}

export interface Measured {
  /** With pictures of two steps. */
  readonly framesPerSecond: number;
  /** Of the worker process. */
  readonly residentBytes: number;
}
