import { ModelError } from '../errors.js';

/** The usual remedies, by the likely cause: the precision of a part, or its weights. */
const REMEDIES = {
  autoencoder:
    'autoencoders in half precision may overflow, as that of SDXL does; give one in single precision with --vae',
  unet: 'in half precision it may overflow; try less guidance, or export it in single precision',
  weights: 'are its weights complete, and from the same model? Fetch or export the model again',
} as const;

/** The likely cause of such numbers. */
export type Blamed = keyof typeof REMEDIES;

/**
 * The error for a graph that returned NaN or infinity. Its pixels would be black, so the frame fails instead.
 *
 * @param graph its name, as the client may read it
 */
export function notFinite(graph: string, cause: Blamed): ModelError {
  return new ModelError(`${graph} gives numbers that are not finite: ${REMEDIES[cause]}`);
}
