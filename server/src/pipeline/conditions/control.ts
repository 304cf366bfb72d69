import { ModelError } from '../errors.js';
import { REAL } from '../graphs/graph-signature.js';
import { requireFixed } from '../graphs/latent-shape.js';
import { fixed, type TensorSpec } from '../graphs/graph-specs.js';
import type { TensorValue } from '../graphs/ort.js';
import { pictureTensor } from '../graphs/pixels.js';
import { floatTensor } from '../graphs/tensor.js';
import type { Condition, ConditionedModel, ConditionKind, ConditionRequest, Prepared } from './condition.js';

/** The input by which a request says how strongly the sketch controls the picture. */
export const CONTROL_SCALE = 'conditioning_scale';

/** Control is fully on unless a request says otherwise. */
const FULL = 1;
const BLACK = [0, 0, 0];

/**
 * The sketch, given to the UNet apart from the latents, as a ControlNet reads it (Zhang, Rao and Agrawala 2023): its pixels
 * in 0..1 (`controlnet_cond`), or the output of `control_encoder` at the size of the latents (`control`). Each row has
 * a scale of its own; 0 is no control.
 */
export const control: ConditionKind = {
  inputs: [
    { name: 'controlnet_cond', types: ['float32', 'float16'], ranks: [4], channels: 3 },
    { name: 'control', types: REAL, ranks: [4] },
    { name: CONTROL_SCALE, types: REAL, ranks: [1] },
  ],
  async create(model) {
    const { path, inputs, controlEncoder } = model;
    const [pixels, encoded, scale] = ['controlnet_cond', 'control', CONTROL_SCALE].map((name) => inputs.get(name));
    if (pixels && encoded) {
      throw new ModelError(`${path} takes both controlnet_cond and control: export it with one of them`);
    }
    if (scale && !pixels && !encoded) {
      throw new ModelError(
        `${path} takes conditioning_scale, but neither controlnet_cond nor control: export it with the sketch that it scales`,
      );
    }
    if (controlEncoder && !encoded) {
      throw new ModelError(`${controlEncoder.path} is not used: the unet has no input control. Remove the folder`);
    }
    if (pixels) return new ControlCondition(model, pixelsMaker(model, pixels), scale);
    return encoded && new ControlCondition(model, await encodedMaker(model, encoded), scale);
  },
};

/** Makes the inputs of one sketch. */
type SketchInputs = (picture: Uint8Array) => Promise<Record<string, TensorValue>> | Record<string, TensorValue>;

class ControlCondition implements Condition {
  readonly #model: ConditionedModel;
  readonly #inputsOf: SketchInputs;
  readonly #scale: TensorSpec | undefined;

  constructor(model: ConditionedModel, inputsOf: SketchInputs, scale: TensorSpec | undefined) {
    this.#model = model;
    this.#inputsOf = inputsOf;
    this.#scale = scale;
  }

  async prepare({ picture, control: wanted = FULL }: ConditionRequest): Promise<Prepared> {
    const { emptySheet } = this.#model;
    const inputs = await this.#inputsOf(picture ?? this.#emptyPicture());
    if (!this.#scale) return { row: inputs };
    // Without a sketch there is nothing to follow, unless the model was trained with empty sheets.
    const scale = picture || emptySheet ? wanted : 0;
    return { row: { ...inputs, [CONTROL_SCALE]: floatTensor(Float32Array.of(scale), []) } };
  }

  #emptyPicture(): Uint8Array {
    const { size, emptySheet = BLACK } = this.#model;
    return Uint8Array.from({ length: size.width * size.height * 3 }, (_, i) => emptySheet[i % 3]!);
  }
}

/** @throws ModelError when the graph was exported for pictures of another size */
function pixelsMaker({ path, size }: ConditionedModel, spec: TensorSpec): SketchInputs {
  requireFixed(path, spec, { shape: size, factor: 1 });
  return (picture) => ({ controlnet_cond: pictureTensor(picture, size) });
}

/** @throws ModelError when there is no encoder, or its control does not fit the UNet */
async function encodedMaker(model: ConditionedModel, spec: TensorSpec): Promise<SketchInputs> {
  const { dir, path, size, latentShape, controlEncoder } = model;
  if (!controlEncoder) {
    throw new ModelError(`${path} takes control, but ${dir} has no control_encoder/model.onnx to make it: export both`);
  }
  const shape = await controlEncoder.probe(size, latentShape);
  const wanted = spec.shape.slice(1).map((dimension, i) => fixed(dimension) ?? shape[i]);
  if (String(wanted) !== String(shape)) {
    throw new ModelError(
      `${controlEncoder.path} makes control of ${shape.join(' x ')}, the unet takes ${wanted.join(' x ')}: ` +
        'they are of different models, or exported for different sizes',
    );
  }
  return async (picture) => ({ control: await controlEncoder.encode(picture, size) });
}
