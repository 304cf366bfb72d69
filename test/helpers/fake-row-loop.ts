import { DEFAULT_PARAMS, type Params } from '@underpaint/shared';
import { ModelError } from '../../server/src/pipeline/errors.js';
import type { FromDevice, RowRequest, ToDevice } from '../../server/src/inference/messages.js';
import { RowLoop, type DevicePort, type RowLoopOptions } from '../../server/src/inference/device/row-loop.js';

/** The thread's end of a port: the test posts with `send` and reads what was posted. */
class FakePort implements DevicePort {
  readonly posted: FromDevice[] = [];
  #listener: (message: ToDevice) => void = () => undefined;
  on(_event: 'message', listener: (message: ToDevice) => void) {
    this.#listener = listener;
  }
  postMessage = (message: FromDevice) => void this.posted.push(message);
  send = (message: ToDevice) => this.#listener(message);
  ids = (type: 'pixels' | 'error' | 'no-image') => this.posted.flatMap((m) => (m.type === type ? [m.id] : []));
  get room() {
    return this.posted.reduce((sum, m) => sum + (m.type === 'capacity' ? m.count : 0), 0);
  }
}

interface FakeSample {
  readonly index: number;
  readonly stepsLeft: number;
  readonly done: boolean;
  readonly steps: number;
  readonly denoised: Float32Array;
  failure?: Error;
  advance(): void;
}

function createSample(steps: number, denoised: Float32Array): FakeSample {
  let index = 0;
  return {
    steps,
    denoised,
    get index() {
      return index;
    },
    get stepsLeft() {
      return steps - index;
    },
    get done() {
      return index === steps;
    },
    advance: () => void index++,
  };
}

interface FakeRequest {
  readonly picture: Uint8Array;
  readonly prompt: string;
  readonly steps: number;
}

/** A pipeline that counts: each call records how many rows it had; `onStep` runs during a call. */
class FakePipeline {
  readonly calls: number[] = [];
  readonly begins: number[] = [];
  /** How many estimates each call was asked for. */
  readonly estimates: number[] = [];
  onStep: (call: number) => void = () => undefined;
  failStep = 0;
  failure = new Error('bad input');
  /** Ids of frames with numbers that are not finite after a step, or after decoding. */
  brokenSteps: readonly number[] = [];
  brokenPictures: readonly number[] = [];
  brokenPrompt = '';
  mixedTimesteps = true;
  rowsPerFrame = (guidance: number) => (guidance > 1 ? 2 : 1);
  begin = (requests: readonly FakeRequest[]) => {
    this.begins.push(requests.length);
    return Promise.resolve(
      requests.map(({ picture, prompt, steps }) =>
        prompt !== '' && prompt === this.brokenPrompt
          ? new ModelError('no such prompt')
          : createSample(steps, Float32Array.from(picture)),
      ),
    );
  };
  step = (samples: FakeSample[], estimated: FakeSample[]) => {
    this.calls.push(samples.length);
    this.estimates.push(estimated.length);
    this.onStep(this.calls.length);
    if (this.calls.length === this.failStep) return Promise.reject(this.failure);
    for (const sample of samples) {
      const isBroken = this.brokenSteps.includes(sample.denoised[0]!);
      if (isBroken) sample.failure = new ModelError('unet/model.onnx gives no numbers');
      sample.advance();
    }
    return Promise.resolve();
  };
  vaeDecode = (latents: readonly Float32Array[]) =>
    Promise.resolve(
      latents.map((l) => (this.brokenPictures.includes(l[0]!) ? new ModelError('no picture') : Uint8Array.from(l))),
    );
  judge = (pictures: readonly Uint8Array[]) => Promise.resolve(pictures.map(() => false));
}

/** Runs a row loop on the fakes; `stop` ends it once its frames are done. */
export function startRowLoop(maxRows: number, mixedTimesteps = true) {
  const port = new FakePort();
  const pipeline = Object.assign(new FakePipeline(), { mixedTimesteps });
  const loop = new RowLoop({ pipeline: pipeline as unknown as RowLoopOptions['pipeline'], port, maxRows });
  const ended = loop.run();
  const stop = () => {
    port.send({ type: 'stop' });
    return ended;
  };
  return { port, pipeline, stop };
}

type Wish = Partial<Pick<Params, 'prompt' | 'strength' | 'guidance' | 'preview'> & Pick<RowRequest, 'background'>>;

/** A frame whose picture is one byte, its id. */
export function row(id: number, steps: number, { background = false, ...wish }: Wish = {}): ToDevice {
  const params = { ...DEFAULT_PARAMS, strength: 0.5, guidance: 1, seed: id, ...wish };
  return { type: 'row', id, request: { params, steps, background }, pixels: new Uint8Array([id]) };
}
