export {
  StreamClient,
  type StreamClientOptions,
  type StreamState,
  type TokenProvider,
} from './stream/stream-client.js';
export { StreamImageEvent, type StreamClientEvents } from './stream/stream-events.js';
export { pictureSource, type Drawable, type FrameSize, type FrameSource } from './stream/picture-source.js';
export type { Statistics } from './stream/statistics.js';
export type { ImageMessage, Params, ParamsPatch, Ranges } from '@underpaint/shared';
