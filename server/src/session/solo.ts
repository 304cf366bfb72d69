import { CLOSE, type DropReason, type FrameMessage, type RoomRequest } from '@underpaint/shared';
import type { Grant } from '../access/grant.js';
import type { Audience } from '../canvas/audience.js';
import type { Canvas } from '../canvas/canvas.js';
import type { OutgoingImage, ReceivedFrame } from '../canvas/frames.js';
import type { FrameError } from '../errors.js';
import type { Channel } from './channel.js';
import type { Participant } from './participant.js';

/** A session with a canvas of its own. */
export class Solo implements Participant, Audience {
  readonly share = 1;
  readonly room = undefined;
  readonly canvas: Canvas;
  readonly #channel: Channel;

  constructor(canvas: Canvas, channel: Channel) {
    this.canvas = canvas;
    this.#channel = channel;
  }

  // ── as the participant of its session ─────────────────────────────────────────────────────────────────────────────

  allow({ weight, framesPerSecond }: Grant): void {
    this.canvas.weight = weight;
    this.canvas.framesPerSecond = framesPerSecond;
  }

  enter(): void {
    const image = this.canvas.isLastImageNewest ? this.canvas.imageAgain() : undefined;
    if (image) this.show(image);
    this.canvas.wake(this);
  }

  handleFrame({ seq, at, data, traceparent }: FrameMessage): void {
    // The bytes are a view of the whole message, which nothing else refers to.
    this.canvas.takeFrame({ seq, at, member: undefined, data, traceparent });
  }

  handleParams(patch: unknown): void {
    this.canvas.changeParams(patch);
    const { version, params } = this.canvas;
    this.#channel.send({ type: 'params', version, params });
  }

  handleRoomMessage({ type }: RoomRequest): void {
    this.#channel.close(CLOSE.protocolError, `${type} is for rooms, and this session is in none`);
  }

  handleWindowOpen(): void {
    this.canvas.offer();
  }

  leave(): void {
    this.canvas.rest();
  }

  // ── as the audience of its canvas ─────────────────────────────────────────────────────────────────────────────────

  get isFull(): boolean {
    return this.#channel.isFull;
  }

  show(image: OutgoingImage): void {
    this.#channel.sendImage(image);
  }

  handleDropped({ seq }: ReceivedFrame, reason: DropReason): void {
    this.#channel.tellDropped(seq, reason);
  }

  handleFailed(frame: ReceivedFrame | undefined, error: FrameError): void {
    this.#channel.tellFailed(frame?.seq, error);
  }
}
