import type { Dtype } from '../pipeline/folder/variants.js';

/** The graphs to take of a folder; `auto` takes the fastest that it has. */
export type WantedDtype = 'auto' | Dtype;
