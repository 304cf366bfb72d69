/*
 * The conditions that are served, one line each.
 */

export { classLabel } from './class-label.js';
export { control } from './control.js';
export { guidance } from './guidance-embedding.js';
export { pictureSize } from './picture-size.js';
export { pooledText } from './pooled-text.js';
export { text } from './text.js';
