/*
 * The schedulers of diffusers that are served, one line each.
 */

export { cm } from './cm-scheduler.js';
export { ddim } from './ddim-scheduler.js';
export { eulerAncestral } from './euler-ancestral-scheduler.js';
export { euler } from './euler-scheduler.js';
export { lcm } from './lcm-scheduler.js';
