export * from './codec.js';
export * from './errors.js';
export * from './params.js';
export * from './protocol.js';
