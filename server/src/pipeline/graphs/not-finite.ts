import { ModelError } from '../errors.js';

/** What usually helps where a graph gives numbers that are no picture. */
const REMEDIES = {
  autoencoder:
    'autoencoders in half precision may overflow, as that of SDXL does; give one in single precision with --vae',
  unet: 'in half precision it may overflow; try less guidance, or export it in single precision',
  'text encoder': 'are its weights whole, and its own? Fetch or export the model again',
} as const;

/**
 * Not-a-number or infinity out of a graph. Pixels made of it would be black, so the frame fails and says why.
 *
 * @param graph its name, as a client may read it
 */
export function notFinite(graph: string, part: keyof typeof REMEDIES): ModelError {
  return new ModelError(`${graph} gives numbers that are not finite: ${REMEDIES[part]}`);
}
