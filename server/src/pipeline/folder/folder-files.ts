import * as v from 'valibot';
import {
  above,
  atLeast,
  between,
  className,
  colour,
  flag,
  numbers,
  only,
  real,
  record,
  shortTexts,
  text,
  texts,
  whole,
} from '../fields.js';

/*
 * The JSON files of a model folder; schedulers/ defines scheduler_config.json. Fields that are not listed have no effect:
 * they describe the inside of a graph.
 */

/** Values of the parameters that depend on the model. */
const VALUES = { strength: between(0, 1), steps: whole(1), guidance: atLeast(0), control: between(0, 2) };

/** The useful values of a parameter; without `min` or `max`, those of any model. */
function useful<const Value extends v.GenericSchema<unknown, number>>(value: Value) {
  return v.exactOptional(
    record(
      { min: v.exactOptional(value), max: v.exactOptional(value) },
      { field: 'max', holds: ({ min = -Infinity, max = Infinity }) => min <= max, allowed: 'a number from min up' },
    ),
  );
}

/** `underpaint.json`. */
export const modelCard = record(
  {
    name: v.optional(text()),
    width: v.optional(whole(8)),
    height: v.optional(whole(8)),
    prompts: v.optional(texts(), []),
    palette: v.optional(texts(), []),
    /** The words of the captions that the model was trained with. */
    vocabulary: v.optional(shortTexts({ most: 2_000, characters: 32 })),
    refineSteps: v.optional(whole(0)),
    /** Whether latents at full strength are noise alone, with nothing of the sketch. */
    startsFromNoise: v.optional(flag(), false),
    /** The colour of an empty sheet, for models that were trained with such. */
    emptySheet: v.optional(colour()),
    controls: v.optional(
      record({
        strength: useful(VALUES.strength),
        steps: useful(VALUES.steps),
        guidance: useful(VALUES.guidance),
        control: useful(VALUES.control),
      }),
      {},
    ),
    defaults: v.optional(
      record({
        prompt: v.exactOptional(text()),
        strength: v.exactOptional(VALUES.strength),
        steps: v.exactOptional(VALUES.steps),
        guidance: v.exactOptional(VALUES.guidance),
        control: v.exactOptional(VALUES.control),
      }),
      {},
    ),
  },
  {
    field: 'defaults',
    holds: ({ defaults, controls }) =>
      (Object.keys(VALUES) as (keyof typeof VALUES)[]).every((name) => {
        const { min = -Infinity, max = Infinity } = controls[name] ?? {};
        const value = defaults[name] ?? min;
        return min <= value && value <= max;
      }),
    allowed: 'within the ranges of controls',
  },
);

/** `underpaint.json`, the card of a model made for this service; other folders have none. */
export type ModelCard = v.InferOutput<typeof modelCard>;

/** `model_index.json`. */
export const modelIndex = record({
  _class_name: v.optional(className()),
  force_zeros_for_empty_prompt: v.optional(flag()),
  requires_aesthetics_score: only(false, 'a refiner, which is told an aesthetic score, is not served'),
});

export type ModelIndex = v.InferOutput<typeof modelIndex>;

/** `unet/config.json`. */
export const unetConfig = record({
  _class_name: v.optional(className()),
  time_cond_proj_dim: v.optional(whole(1)),
  in_channels: v.optional(whole(1)),
  num_class_embeds: v.optional(whole(1)),
  sample_size: v.optional(
    v.union([whole(1), v.tuple([whole(1), whole(1)])], 'a whole number from 1 to 1000000, or two of them'),
  ),
  block_out_channels: v.optional(numbers()),
});

export type UnetConfig = v.InferOutput<typeof unetConfig>;

/** `config.json` of a text encoder. */
export const textEncoderConfig = record({
  max_position_embeddings: v.optional(whole(1)),
  vocab_size: v.optional(whole(1, 1e9)),
});

export type TextEncoderConfig = v.InferOutput<typeof textEncoderConfig>;

/** `config.json` of an autoencoder, or of half of one. */
export const vaeConfig = record(
  {
    _class_name: v.optional(className()),
    scaling_factor: v.optional(above(0)),
    shift_factor: v.optional(real()),
    latents_mean: v.optional(numbers()),
    latents_std: v.optional(v.array(above(0), 'a list of numbers above 0')),
  },
  {
    field: 'latents_std',
    holds: ({ latents_mean: mean, latents_std: deviation }) => mean?.length === deviation?.length,
    allowed: 'a list of as many numbers as latents_mean has',
  },
);

export type VaeConfig = v.InferOutput<typeof vaeConfig>;

const edges = v.union(
  [
    whole(1),
    record({
      shortest_edge: v.optional(whole(1)),
      height: v.optional(whole(1)),
      width: v.optional(whole(1)),
    }),
  ],
  'a whole number, or an object with shortest_edge, or with height and width',
);
const channels = v.tuple([real(), real(), real()], 'a list of three numbers');

/** `preprocessor_config.json`. */
export const preprocessorConfig = record({
  size: v.optional(edges),
  crop_size: v.optional(edges),
  image_mean: v.optional(channels),
  image_std: v.optional(channels),
});

/** How CLIP's vision models prepare a picture. */
export type PreprocessorConfig = v.InferOutput<typeof preprocessorConfig>;
