import type { ModelSummary, Params } from '@underpaint/shared';

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
}

export interface RenderedImage {
  /** JPEG bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** UNet calls it took so far, and those it takes in all. */
  readonly step: number;
  readonly steps: number;
  /** Whether the model's safety checker had it blurred. */
  readonly flagged: boolean;
  readonly timing: { readonly decodeMs: number; readonly inferMs: number; readonly encodeMs: number };
  /** A small copy of the frame, to tell whether another one is alike; only where `similarity` asks for it. */
  readonly fingerprint: Uint8Array | undefined;
}

/** What became of a frame: its image, or the reason that there is none. */
export type RenderOutcome = RenderedImage | 'unchanged' | 'gave-way' | 'cancelled';

/** A frame that runs. */
export interface Rendering {
  /** @throws FrameError: a bad picture (not retryable), or the worker died (retryable) */
  readonly outcome: Promise<RenderOutcome>;
  /** Stops the run between two UNet calls at the earliest; its outcome may still be an image. */
  cancel(): void;
}

export interface RenderOptions {
  /** Whose frame it is; frames of one owner go to the same device where they can. */
  readonly owner: object;
  readonly onPreview: (image: RenderedImage) => void;
  /** Told what it took to decode the picture, in ms, whatever then becomes of it. */
  readonly onDecoded?: (ms: number) => void;
}

/** What pictures cost on a device, measured when it warmed up. */
export interface Pace {
  /** Rows of one UNet call beyond which more no longer pay. */
  readonly maxRows: number;
  /** ms of one row of a UNet call of `maxRows`. */
  readonly rowMs: number;
  /** ms of one picture in the autoencoder, both ways. */
  readonly autoencoderMs: number;
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
  /** How it is guided: by an embedding of the scale, by a second row without the prompt, or not at all. */
  readonly guidance: 'embedded' | 'rows' | 'none';
  /** Steps beyond which its pictures become no finer, where it has such a number. */
  readonly refineSteps?: number | undefined;
  readonly pace: Pace;
}

/** Device time of one picture, in ms. */
export function frameMs(
  { pace, guidance: kind }: Pick<ServedModel, 'pace' | 'guidance'>,
  { steps, guidance }: Pick<Params, 'steps' | 'guidance'>,
): number {
  const rows = kind === 'rows' && guidance > 1 ? 2 : 1;
  return pace.autoencoderMs + steps * rows * pace.rowMs;
}

/** Device time of a request, in ms. */
export function requestMs(model: Pick<ServedModel, 'pace' | 'guidance'>, { steps, params }: RenderRequest): number {
  return frameMs(model, { steps, guidance: params.guidance });
}

/** Turns frames into images somewhere else. The engine sees the workers as this. */
export interface InferenceExecutor {
  /** Resolves when one more `render` would start right away. Rejects when `signal` aborts. */
  room(signal: AbortSignal): Promise<void>;
  render(request: RenderRequest, options: RenderOptions): Rendering;
}

/** What it took to be ready. */
export interface Startup {
  /** ms to load the graphs, and to run them for the first time at every size that will be used. */
  readonly loadMs: number;
  readonly warmUpMs: number;
  /** The most memory that the process has held: when the graphs were loaded, and when it was ready. */
  readonly loadPeakBytes: number;
  readonly peakBytes: number;
}

export interface Measured {
  /** Pictures of two steps. */
  readonly framesPerSecond: number;
  /** Memory of its process. */
  readonly residentBytes: number;
}

/** One device as the pool of them sees it: a worker process, or a stand-in with the same manners. */
export interface DeviceWorker {
  readonly model: ServedModel;
  readonly startup: Startup;
  readonly isReady: boolean;
  /** Frames that would start right away. */
  readonly room: number;
  /** Frames that run. */
  readonly load: number;
  readonly pid: number | undefined;
  render(request: RenderRequest, options: RenderOptions): Rendering;
  /** How fast it is while others that were asked at the same time work too; undefined where it ended meanwhile. */
  measure(): Promise<Measured | undefined>;
  stop(deadlineMs: number): Promise<void>;
}

/** What a worker tells whoever started it. */
export interface WorkerEvents {
  readonly onRoom: () => void;
  /** After its frames were failed. */
  readonly onDeath: () => void;
  /** UNet calls made, and the rows in them, since it was told last. */
  readonly onCalls: (calls: number, rows: number) => void;
}
