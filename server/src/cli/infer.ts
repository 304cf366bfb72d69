import type { Pipeline } from '../pipeline/pipeline.js';
import { defineCommand } from './command.js';
import { decodeSketch, readNoise, readSketch, writePicture } from './infer/files.js';
import { loadChosen } from './infer/load.js';
import { INFER_OPTIONS, type InferValues } from './infer/options.js';

/** `underpaint infer`: makes one picture. */
export const infer = defineCommand({
  name: 'infer',
  about: 'Turns a sketch and a prompt into a picture; without --input, the prompt alone.',
  options: INFER_OPTIONS,
  async run(values, { env, print, warn }) {
    const sketch = values.input === undefined ? null : await readSketch(values.input);
    const noise = values.noise === undefined ? undefined : await readNoise(values.noise);
    const pipeline = await loadChosen(values, env);
    try {
      const { width, height, defaults } = pipeline.info;
      const request = {
        picture: sketch && (await decodeSketch(sketch, pipeline.info)),
        prompt: values.prompt,
        negativePrompt: values.negativePrompt,
        steps: values.steps ?? defaults.steps ?? 4,
        strength: values.strength ?? defaults.strength ?? 0.6,
        guidance: values.guidance ?? defaults.guidance ?? 1,
        control: values.control ?? defaults.control,
        seed: values.seed,
        noise,
      };
      if (values.control !== undefined && !pipeline.info.controls.control)
        warn('--control is not used: this model takes no control');
      if (request.negativePrompt !== '') warnIfUnused(pipeline, request.guidance, warn);
      const picture = await pipeline.img2img(request);
      const options = { width, height, quality: values.quality, blurred: picture.flagged };
      await writePicture(values.output, picture.pixels, options);
      print(describe(picture, values, pipeline));
      return 0;
    } finally {
      await pipeline.dispose();
    }
  },
});

/** A negative prompt has an effect only through a second row. */
function warnIfUnused(pipeline: Pipeline, guidance: number, warn: (line: string) => void): void {
  if (pipeline.info.guidance !== 'rows') warn('the negative prompt is not used: this model has none');
  else if (pipeline.rowsPerFrame(guidance) < 2) {
    warn(`the negative prompt is not used at guidance ${guidance}: give --guidance above 1`);
  }
}

type Picture = Awaited<ReturnType<Pipeline['img2img']>>;

function describe(picture: Picture, { json, output, seed }: InferValues, { info }: Pipeline): string {
  const { steps, flagged, timing } = picture;
  const { id, device, dtype, width, height } = info;
  if (json) {
    return JSON.stringify({ model: id, device, dtype, width, height, steps, seed, flagged, timing: rounded(timing) });
  }
  const judged = flagged ? ', blurred: the safety checker flagged it' : '';
  return `${output}: ${width} x ${height}, ${steps} steps, ${timing.totalMs.toFixed(0)} ms${judged}`;
}

function rounded<T extends object>(timing: T): Record<string, number> {
  return Object.fromEntries(Object.entries(timing).map(([name, ms]) => [name, Math.round(Number(ms) * 100) / 100]));
}
