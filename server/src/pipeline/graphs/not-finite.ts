import { ModelError } from '../errors.js';

/** The usual remedies. */
const REMEDIES = {
  autoencoder:
    'autoencoders in half precision may overflow, as that of SDXL does; give one in single precision with --vae',
  unet: 'in half precision it may overflow; try less guidance, or export it in single precision',
  'text encoder': 'are its weights whole, and its own? Fetch or export the model again',
} as const;

/**
 * The error for a graph that returned NaN or infinity. Its pixels would be black, so the frame fails instead.
 *
 * @param graph its name, for a client to read
 */
export function notFinite(graph: string, part: keyof typeof REMEDIES): ModelError {
  return new ModelError(`${graph} gives numbers that are not finite: ${REMEDIES[part]}`);
}
