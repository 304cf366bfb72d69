export { StreamClient } from './stream/stream-client.js';
export type { StreamClientOptions, StreamState } from './stream/stream-options.js';
export type { TokenProvider } from './stream/handshake.js';
export { StreamImageEvent, type StreamClientEvents, type StreamFailure } from './stream/stream-events.js';
export { pictureSource, type Drawable, type FrameSize, type PictureSource } from './stream/picture-source.js';
export type { Statistics } from './stream/statistics.js';
export type { ImageMessage, Params, ParamsPatch, Ranges } from '@underpaint/shared';
