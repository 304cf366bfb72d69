import { samplesOf, type ImageRequest, type Pipeline } from '../../server/src/pipeline/pipeline.js';
import type { Sample } from '../../server/src/pipeline/sample.js';

type Request = Omit<ImageRequest, 'picture'> & Partial<Pick<ImageRequest, 'picture'>>;

/** The samples of requests that begin together; without a picture, from noise alone. */
export async function beginAll(pipeline: Pipeline, requests: readonly Request[]): Promise<Sample[]> {
  return samplesOf(await pipeline.begin(requests.map((request) => ({ picture: null, ...request }))));
}

export async function beginOne(pipeline: Pipeline, request: Request): Promise<Sample> {
  const [sample] = await beginAll(pipeline, [request]);
  return sample!;
}
