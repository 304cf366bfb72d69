export * from './codec.js';
export * from './doc-chunks.js';
export * from './errors.js';
export * from './params.js';
export * from './protocol.js';
export * from './room-messages.js';
export * from './upload-rule.js';
