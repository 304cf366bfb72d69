import type { IncomingMessage } from 'node:http';
import { CLOSE } from '@underpaint/shared';
import type { Ceilings } from './access/ceilings.js';
import type { Grant } from './access/grant.js';
import { TokenError } from './access/token-error.js';
import type { Tokens } from './access/tokens.js';
import type { Audit } from './audit.js';
import type { Metrics } from './metrics.js';
import type { Rooms } from './rooms/rooms.js';
import type { SessionRegistry } from './session/registry.js';
import type { Session } from './session/session.js';
import type { Answer } from './transport/answer.js';
import type { AddressOf } from './transport/client-address.js';

export interface ApiOptions {
  readonly tokens: Tokens;
  readonly rooms: Rooms;
  readonly registry: SessionRegistry<Session>;
  readonly ceilings: Ceilings;
  readonly addressOf: AddressOf;
  readonly audit: Audit;
  readonly metrics: Pick<Metrics, 'refusals'>;
}

const BUSY: Answer = {
  status: 503,
  text: 'the server has as much to do as it may',
  headers: { 'Retry-After': '15' },
};

/** The HTTP calls of programs and operators. */
export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async createRoom(request: IncomingMessage): Promise<Answer> {
    const grant = await this.#grantOf(request);
    if ('status' in grant) return grant;
    if (!grant.mayMakeRooms) return { status: 403, text: 'the token does not allow to make rooms' };
    const { rooms, addressOf, ceilings } = this.#options;
    const { reached } = ceilings;
    if (reached) return this.#refuse(request, 'server', { ...BUSY, reason: reached });
    const room = rooms.create({ address: addressOf(request), grant });
    if (!('retryAfterS' in room)) return { status: 201, json: room };
    const text = 'there are too many rooms, or too many of this address or this token';
    const headers = { 'Retry-After': String(room.retryAfterS) };
    return this.#refuse(request, 'room', { reason: 'full', status: 429, text, headers });
  }

  /** Answers an operator; undefined for a path that is not for operators. */
  operate(request: IncomingMessage, path: string): Promise<Answer> | undefined {
    const [, what, id = ''] = /^\/api\/(sessions|rooms)(?:\/([\w-]{1,64}))?$/.exec(path) ?? [];
    return what === undefined ? undefined : this.#operate(request, what, id);
  }

  async #operate(request: IncomingMessage, what: string, id: string): Promise<Answer> {
    const grant = await this.#grantOf(request);
    if ('status' in grant) return grant;
    if (!grant.isOperator) return { status: 403, text: 'this takes a token with the right operator' };
    const isList = what === 'sessions' && id === '';
    const allowed = isList ? 'GET' : 'DELETE';
    if (request.method !== allowed) {
      return { status: 405, text: `only ${allowed} can be used here`, headers: { Allow: allowed } };
    }
    if (isList) return { status: 200, json: [...this.#options.registry].flatMap(({ facts }) => facts ?? []) };
    const answer = what === 'sessions' ? this.#kick(id) : await this.#closeRoom(id);
    if (answer.status === 204) this.#recordEnd(request, grant, { what, id });
    return answer;
  }

  #recordEnd(request: IncomingMessage, { subject }: Grant, { what, id }: { what: string; id: string }): void {
    const { audit, addressOf } = this.#options;
    const ended = what === 'sessions' ? { session: id } : { room: id };
    audit('operator', { what: 'ended', ...ended, subject, address: addressOf(request) });
  }

  #kick(id: string): Answer {
    const session = [...this.#options.registry].find(({ facts }) => facts?.session === id);
    if (!session) return { status: 404, text: 'there is no such session on this server' };
    session.close(CLOSE.removed, 'the operator of the server has ended this session');
    return { status: 204 };
  }

  async #closeRoom(id: string): Promise<Answer> {
    const result = await this.#options.rooms.remove(id);
    if (result === 'removed') return { status: 204 };
    if (result === undefined) return { status: 404, text: 'there is no such room' };
    return { status: 409, text: 'another gateway has this room: ask that one' };
  }

  async #grantOf(request: IncomingMessage): Promise<Grant | Answer> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    try {
      return await this.#options.tokens.read(token);
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      const { why: reason, message: text } = error;
      if (reason === 'unavailable') return this.#refuse(request, 'token', { ...BUSY, reason, text });
      return this.#refuse(request, 'token', { reason, status: 401, text, headers: { 'WWW-Authenticate': 'Bearer' } });
    }
  }

  #refuse(request: IncomingMessage, what: string, { reason, ...answer }: Answer & { readonly reason: string }): Answer {
    const { metrics, audit, addressOf } = this.#options;
    metrics.refusals.inc({ what, reason });
    audit('refusal', { what, reason, address: addressOf(request) });
    return answer;
  }
}
