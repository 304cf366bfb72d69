/**
 * The guidance scale as a model without a second row takes it (`timestep_cond`): sines, then cosines, of
 * w = (guidance - 1) * 1000 at frequencies falling from 1 to 1/10 000 (Luo et al. 2023, section 4.2; arithmetic as
 * diffusers' get_guidance_scale_embedding, in single precision).
 *
 * @param dimension the UNet's `time_cond_proj_dim`
 */
export function guidanceEmbedding(guidance: number, dimension: number): Float32Array {
  const half = Math.floor(dimension / 2);
  const w = Math.fround(Math.fround(guidance - 1) * 1000);
  const embedding = new Float32Array(dimension);
  for (const [i, frequency] of frequencies(half).entries()) {
    const angle = Math.fround(w * frequency);
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}

function frequencies(count: number): Float32Array {
  const decay = Math.fround(Math.log(10000) / (count - 1));
  const values = Float32Array.from({ length: count }, (_, i) => Math.exp(Math.fround(i * -decay)));
  // The one of the usual 128 frequencies that PyTorch's exp (2.13, CPU) does not round to the nearest number. Models are
  // trained with its value, and at w = 7000 this last bit moves the angle by 4e-4.
  if (count === 128) values[4] = 0.7481966018676758;
  return values;
}
