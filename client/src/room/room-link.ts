import {
  dispatch,
  UploadRule,
  type DrawingMessage,
  type Handlers,
  type MemberMessage,
  type Role,
  type RoleMessage,
  type RoomMessage,
  type RoomRequest,
  type RoomSummary,
  type WelcomeMessage,
} from '@underpaint/shared';
import type { FrameLabel, LinkPort, StreamLink } from '../stream/stream-link.js';
import { DrawingSync } from './drawing-sync.js';
import type { RoomDrawing } from './room-drawing.js';
import { documentOf } from './shared-document.js';

/** The room behind the link. */
export interface RoomListener {
  entering(room: RoomSummary): void;
  entered(): void;
  roleChanged(message: RoleMessage): void;
  membersChanged(message: MemberMessage): void;
  presenceChanged(data: Uint8Array): void;
  savedChanged(isSaved: boolean): void;
  promptChangedBy(member: number): void;
  rejected(): void;
  /** What this member may upload now. */
  uploads(): 'drawing' | 'camera' | null;
}

interface RoomLinkOptions {
  readonly key: string;
  readonly role?: Role | undefined;
  readonly pass?: string | undefined;
  readonly drawing: RoomDrawing;
  readonly listener: RoomListener;
  readonly now: () => number;
}

/** Connects a room to its stream: keeps the drawing in sync and decides when this member uploads a frame of it. */
export class RoomLink implements StreamLink {
  readonly hello: StreamLink['hello'];
  readonly sharesParams = true;
  readonly #drawing: RoomDrawing;
  readonly #listener: RoomListener;
  readonly #now: () => number;
  readonly #sync: DrawingSync;
  readonly #rule = new UploadRule();
  readonly #handlers: Handlers<RoomMessage> = {
    drawing: (message) => this.#handleDrawing(message),
    presence: ({ data }) => this.#listener.presenceChanged(data),
    role: (message) => this.#listener.roleChanged(message),
    member: (message) => this.#listener.membersChanged(message),
    notice: ({ saved }) => this.#listener.savedChanged(saved),
    upload: () => this.#uploadOncePainted(),
  };
  #port: LinkPort | null = null;
  #member: number | null = null;
  /** Number of payloads of the drawing that are painted on the canvas. */
  #drawn = 0;
  #isUploadDue = false;

  constructor({ key, role, pass, drawing, listener, now }: RoomLinkOptions) {
    this.hello = { room: key, ...(role && { role }), ...(pass && { pass }), author: drawing.author };
    this.#drawing = drawing;
    this.#listener = listener;
    this.#now = now;
    const document = documentOf(drawing);
    this.#sync = new DrawingSync(document, (message) => this.send(message));
    document.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== this.#sync) this.#edited();
    });
  }

  /** @returns false if there is no connection */
  send(message: RoomRequest): boolean {
    return this.#port?.send(message) ?? false;
  }

  /** Holds changes of the drawing back while this member may not edit. */
  pause(): void {
    this.#sync.pause();
  }

  /** The canvas shows the current drawing. */
  painted(isPenDown: boolean): void {
    this.#drawn = this.#sync.received;
    if (isPenDown) this.#rule.edited(this.#now());
    if (!(isPenDown || this.#isUploadDue) || this.label() === null) return;
    this.#isUploadDue = false;
    this.#port?.changed();
  }

  opened({ room }: WelcomeMessage, port: LinkPort): void {
    if (room === undefined) return;
    this.#port = port;
    this.#member = room.member;
    this.#drawn = 0;
    this.#listener.entering(room);
    this.#sync.start();
    this.#listener.entered();
  }

  closed(): void {
    this.#port = null;
    this.#sync.stop();
  }

  receive(message: RoomMessage): void {
    dispatch(this.#handlers, message);
  }

  isOwn(member: number | undefined): boolean {
    return member === undefined || member === this.#member;
  }

  promptChangedBy(member: number): void {
    this.#listener.promptChangedBy(member);
  }

  rejected(): void {
    this.#listener.rejected();
  }

  label(): FrameLabel | null {
    const uploads = this.#listener.uploads();
    if (uploads === 'camera') return { camera: true };
    return uploads === 'drawing' && this.#sync.isSynced ? { drawn: this.#drawn } : null;
  }

  #handleDrawing(message: DrawingMessage): void {
    const outcome = this.#sync.receive(message);
    if (outcome === null) return;
    if (outcome === 'delivered') this.#rule.edited(this.#now());
    // A room without any mark needs a frame of the empty sketch, or its words have no effect.
    if (outcome !== 'arrived' || this.#rule.arrived(this.#now())) this.#uploadOncePainted();
    else this.#drawing.refresh();
  }

  #edited(): void {
    this.#rule.edited(this.#now());
    this.#uploadOncePainted();
  }

  /** Waits for the next repaint, so that the frame shows everything received so far. */
  #uploadOncePainted(): void {
    this.#isUploadDue = true;
    this.#drawing.refresh();
  }
}
