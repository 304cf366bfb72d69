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
  const decay = Math.fround(Math.log(10000) / (half - 1));
  const embedding = new Float32Array(dimension);
  for (let i = 0; i < half; i++) {
    const angle = Math.fround(w * Math.fround(Math.exp(Math.fround(i * -decay))));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
