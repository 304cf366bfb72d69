import { MAX_FRAMES_IN_FLIGHT, UploadRule, type ClientMessage, type ServerMessage } from '@underpaint/shared';
import * as Y from 'yjs';
import { DrawingPeer } from '../../server/src/cli/bench/drawing-peer.js';

/** The network as a painter sees it. */
interface Network {
  receive(message: ClientMessage): void;
  cut(noticedAfterMs: number): void;
}

export interface FakePainterOptions {
  readonly who: number;
  readonly room: string;
  readonly connect: (deliver: (message: ServerMessage) => void, onClose: (code: number) => void) => Network;
}

const PAINT_MS = 16;
const RETRY_MS = 500;

/** A client that draws in a room and uploads as every client does; its picture is the list of its marks. */
export class FakePainter {
  readonly doc = new Y.Doc();
  /** The content of the last picture. */
  picture: string | undefined;
  isLocked = false;
  /** Whether it answers a request to upload. */
  answers = true;
  /** Every picture it uploaded. */
  readonly uploads: string[] = [];
  readonly #options: FakePainterOptions;
  readonly #rule = new UploadRule();
  readonly #peer = new DrawingPeer(this.doc, (message) => this.#send(message));
  readonly #open = new Set<number>();
  #network: Network | undefined;
  #resume: string | undefined;
  #member = 0;
  #seq = 0;
  #drawn = 0;
  #mayDraw = false;
  #isPaintDue = false;
  #isHeld = false;

  constructor(options: FakePainterOptions) {
    this.#options = options;
    this.doc.on('update', (_update, origin) => {
      if (origin !== this.#peer) this.#edited();
    });
    this.connect();
  }

  get marks(): Y.Array<Uint8Array> {
    return this.doc.getArray('marks');
  }

  draw(): void {
    this.marks.push([new TextEncoder().encode(`${this.#options.who}:${this.#drawn++}`)]);
  }

  erase(at: number): void {
    if (this.marks.length > 0) this.marks.delete(at % this.marks.length);
  }

  lock(locked: boolean): void {
    this.#send({ type: 'role', locked });
  }

  /** Loses its connection. */
  cut(noticedAfterMs: number): void {
    this.#network?.cut(noticedAfterMs);
    this.#network = undefined;
    this.#peer.close();
  }

  connect(): void {
    if (this.#network) return;
    // Messages of an earlier connection are ignored.
    const ifCurrent = (then: () => void) => {
      if (this.#network === network) then();
    };
    const network = this.#options.connect(
      (message) => ifCurrent(() => this.#handle(message)),
      (code) => ifCurrent(() => this.#handleClosed(code)),
    );
    this.#network = network;
    const { room } = this.#options;
    const resume = this.#resume === undefined ? {} : { resume: this.#resume };
    this.#send({ type: 'hello', room, author: this.doc.clientID, ...resume });
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#resume = message.resume;
        this.#member = message.room!.member;
        this.#seq = message.lastSeq;
        this.#open.clear();
        return this.#peer.open();
      case 'role':
        this.isLocked = message.locked;
        this.#mayDraw = message.role === 'owner' || !message.locked;
        return;
      case 'drawing': {
        const outcome = this.#peer.handle(message);
        if (outcome === 'delivered') this.#rule.edited(Date.now());
        if (outcome === 'delivered' || (outcome && this.#rule.arrived(Date.now()))) this.#paint();
        return;
      }
      case 'upload':
        if (this.answers) this.#paint();
        return;
      case 'image':
        this.#send({ type: 'ack', id: message.id });
        this.picture = Buffer.from(message.data).toString();
        if (message.member === this.#member) this.#ended(message.seq);
        return;
      case 'dropped':
        return this.#ended(message.seq);
      case 'error':
        if (message.seq !== undefined) this.#ended(message.seq);
        return;
      default:
    }
  }

  #handleClosed(code: number): void {
    if (code !== 1013) throw new Error(`a painter that does nothing wrong was closed with ${code}`);
    this.#network = undefined;
    this.#peer.close();
    setTimeout(() => this.connect(), RETRY_MS);
  }

  #edited(): void {
    this.#rule.edited(Date.now());
    this.#paint();
  }

  /** Once a display frame. */
  #paint(): void {
    if (this.#isPaintDue) return;
    this.#isPaintDue = true;
    setTimeout(() => {
      this.#isPaintDue = false;
      this.#upload();
    }, PAINT_MS);
  }

  #upload(): void {
    if (!this.#network || !this.#peer.isSynced || !this.#mayDraw) return;
    this.#isHeld = this.#open.size >= MAX_FRAMES_IN_FLIGHT;
    if (this.#isHeld) return;
    this.#open.add(++this.#seq);
    const picture = JSON.stringify(this.marks.toJSON());
    this.uploads.push(picture);
    this.#send({ type: 'frame', seq: this.#seq, data: Buffer.from(picture), drawn: this.#peer.received });
  }

  #ended(seq: number): void {
    this.#open.delete(seq);
    if (this.#isHeld) this.#paint();
  }

  #send(message: ClientMessage): void {
    this.#network?.receive(message);
  }
}
