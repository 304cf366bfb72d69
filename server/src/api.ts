import type { IncomingMessage } from 'node:http';
import type { Grant } from './access/grant.js';
import { TokenError } from './access/token-error.js';
import type { Tokens } from './access/tokens.js';
import type { Metrics } from './metrics.js';
import type { Rooms } from './rooms/rooms.js';
import type { Answer } from './transport/answer.js';

export interface ApiOptions {
  readonly tokens: Tokens;
  readonly rooms: Rooms;
  readonly metrics: Pick<Metrics, 'refusals'>;
}

/** What programs ask of the server over HTTP. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async createRoom(request: IncomingMessage): Promise<Answer> {
    const grant = await this.#grantOf(request);
    if ('status' in grant) return grant;
    if (!grant.mayMakeRooms) return { status: 403, text: 'the token does not allow to make rooms' };
    const room = this.#options.rooms.create(request.socket.remoteAddress ?? '');
    if (!('retryAfterS' in room)) return { status: 201, json: room };
    const text = 'there are too many rooms, or too many of this address';
    return { status: 429, text, headers: { 'Retry-After': String(room.retryAfterS) } };
  }

  async #grantOf({ headers }: IncomingMessage): Promise<Grant | Answer> {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    try {
      return await this.#options.tokens.read(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.#options.metrics.refusals.inc({ what: 'token', reason: error.why });
      const text = error.message;
      if (error.why === 'unavailable') return { status: 503, text, headers: { 'Retry-After': '5' } };
      return { status: 401, text, headers: { 'WWW-Authenticate': 'Bearer' } };
    }
  }
}
