import type { Params, ParamsPatch } from '@underpaint/shared';
import type { UnderpaintStudio } from '../components/underpaint-studio/underpaint-studio.js';

/** Names of messages start with this, because a page may use others for itself. */
const PREFIX = 'underpaint:';
/** Events of the studio that change what a page around the frame would show. */
const CHANGES = ['up-status', 'up-params', 'up-view', 'up-input', 'up-room'] as const;

/** What the page around the frame may change. */
interface Settings {
  readonly params?: ParamsPatch;
  readonly view?: UnderpaintStudio['view'];
  readonly input?: UnderpaintStudio['input'];
  readonly room?: string;
}

type Asked = 'state' | 'picture' | 'sketch';

/** What the page around the frame is told. */
interface FrameState {
  readonly status: string;
  readonly params: Params;
  readonly view: string;
  readonly input: string;
  readonly room: string;
}

/**
 * Messages between the page around the frame and the studio.
 *
 *     to the frame     { type: 'underpaint:set', params, view, input, room }
 *                      { type: 'underpaint:ask', what: 'state' | 'picture' | 'sketch', id }
 *     from the frame   { type: 'underpaint:state', status, params, view, input, room, id? }
 *                      { type: 'underpaint:picture' | 'underpaint:sketch', blob, id }
 *                      { type: 'underpaint:error' | 'underpaint:notice', message }
 *
 * @param origin the origin of the page around the frame; messages from others are ignored, and nobody else gets any
 */
export function answerParent(studio: UnderpaintStudio, origin: string): void {
  const tell = (name: string, content: object) => parent.postMessage({ ...content, type: PREFIX + name }, origin);
  for (const name of CHANGES) studio.addEventListener(name, () => tell('state', stateOf(studio)));
  studio.addEventListener('up-error', ({ detail }) => tell('error', { message: detail.message }));
  studio.addEventListener('up-notice', ({ detail }) => tell('notice', { message: detail }));
  addEventListener('message', ({ source, origin: from, data }: MessageEvent<unknown>) => {
    if (source !== parent || from !== origin || !isMessage(data)) return;
    const { id } = data;
    if (data.type === `${PREFIX}set`) apply(studio, data);
    if (data.type === `${PREFIX}ask`)
      void answer(studio, data.what).then(({ name, ...rest }) => tell(name, { ...rest, id }));
  });
  tell('state', stateOf(studio));
}

/** The origin of the page around the frame: as the frame's address says, or else as the browser does. */
export function parentOrigin(wanted: URLSearchParams): string | null {
  const named = wanted.get('origin') ?? document.referrer;
  return parent !== window && URL.canParse(named) ? new URL(named).origin : null;
}

interface Message extends Settings {
  readonly type: string;
  readonly id?: unknown;
  readonly what?: unknown;
}

function isMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string';
}

function apply(studio: UnderpaintStudio, { params, view, input, room }: Settings): void {
  if (params !== undefined) studio.params = params;
  Object.assign(studio, present({ view, input, room }));
}

function present(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === 'string'));
}

async function answer(studio: UnderpaintStudio, what: unknown): Promise<{ name: Asked; blob?: Blob | null }> {
  if (what === 'picture') return { name: what, blob: studio.result.picture };
  if (what === 'sketch') return { name: what, blob: await studio.sketch.toBlob() };
  return { name: 'state', ...stateOf(studio) };
}

function stateOf({ client, params, view, input, room }: UnderpaintStudio): FrameState {
  return { status: client?.state.status ?? 'idle', params, view, input, room };
}
