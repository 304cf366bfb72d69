import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOM_LIMITS } from '@underpaint/shared';
import { UsageError } from '../errors.js';
import { findModel } from './models-folder.js';
import { parseSize } from './picture-size.js';
import type { Size } from '../pipeline/graphs/pixels.js';

/** Every setting of the service with its value when nobody says otherwise. */
export const DEFAULTS = Object.freeze({
  host: '127.0.0.1',
  port: 8080,
  /** Path that everything is served under, with a slash at both ends. */
  basePath: '/',
  /** PEM files of a certificate and its key; both or none. */
  tlsCert: '',
  tlsKey: '',
  /** Folder of the model. */
  model: fileURLToPath(new URL('../../../models/landscape', import.meta.url)),
  /** Folder whose autoencoder goes before the model's own. */
  vae: '',
  /** Pixels of the pictures; undefined is what the model was made for. */
  size: undefined as Size | undefined,
  /** Whether pictures are judged by the model's safety checker, where it has one. */
  safetyChecker: true,
  /** Where the model runs; several, separated by commas, each get a worker. */
  device: 'cpu',
  /** Worker processes a device; 0 measures what is best. */
  workers: 0,
  /** Threads of one ONNX Runtime call; 0 shares the cores among the workers. */
  threads: 0,
  /** Rows of one UNet call at the most; 0 measures where more rows stop paying. */
  maxRows: 0,
  /** Live sessions; beyond them clients wait in line. */
  maxSessions: 64,
  /** Clients in line; one more is told to try again later. */
  maxWaiting: 64,
  /** Origins of pages that may connect, or show /embed in a frame, beside the server's own; `*` means all. */
  allowedOrigins: [] as readonly string[],
  /** Names that the server may be reached by, beside IP addresses and localhost; `*` means all. */
  allowedHosts: [] as readonly string[],
  /** Open TCP connections; 0 leaves room for all clients and for pages being loaded. */
  maxConnections: 0,
  /** Under load, steps are lowered to keep 95 % of the images within this time from frame to image. */
  targetServerMs: 500,
  /** Steps that the last frame of a quiet session is refined with, or less where the model card says so; 0 refines nothing. */
  refineSteps: 4,
  /** Folder that rooms are kept in across restarts; without it they are forgotten. */
  roomsDir: '',
  /** Rooms at the most, those that sleep included. */
  maxRooms: 1_000,
  /** Rooms that one address may make in an hour. */
  maxRoomsPerHour: 30,
  /** A room is kept for so long after its last member left. */
  roomTtlHours: 168,
  /** A stop takes less than this, whatever hangs. Docker ends a container 10 s after it asked for the stop. */
  drainSeconds: 8,
  logLevel: 'info',

  /** A session without a frame for so long is idle: it may be asked to leave when others wait. */
  idleMs: 60_000,
  /** A session is quiet when nothing was asked of it for so long. */
  quietMs: 800,
  /** Previews are on from the start where a picture takes longer than this. */
  previewAboveMs: 250,
  maxFrameBytes: 480 * 1024,
  maxMessageBytes: 512 * 1024,
  maxFramePixels: 1_048_576,
  maxFramesPerSecond: 30,
  maxBytesPerSecond: 8 * 1024 * 1024,
  maxBufferedBytes: 64 * 1024,
  /** Of the drawing of a room. */
  maxDocBytes: ROOM_LIMITS.maxUpdateBytes,
  helloTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  /** A message that has begun must be complete within this. */
  messageTimeoutMs: 60_000,
  resumeTtlMs: 120_000,
  /** A frame without an answer for so long, or for ten times what frames take where that is longer, is a hang. */
  hangMs: 30_000,
  /** A worker that says nothing for so long is stopped, or hangs. */
  silentMs: 3_000,
  /** A model that is not loaded after so long never will be: TensorRT builds its engines for minutes. */
  loadMs: 1_800_000,
  restartMs: Object.freeze({ first: 250, longest: 10_000 }),
});

export type Config = Readonly<{
  [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends number
    ? number
    : (typeof DEFAULTS)[K] extends string
      ? string
      : (typeof DEFAULTS)[K] extends boolean
        ? boolean
        : (typeof DEFAULTS)[K];
}>;

/** Reads a value; `source` is what the person wrote it in. */
type Parse = (text: string, source: string) => unknown;

interface Option {
  readonly flag: string;
  readonly key: keyof Config;
  /** What stands after the flag; empty for a switch. */
  readonly value: string;
  readonly help: string;
  /** What the help calls the value when nobody says otherwise, where the value itself tells nothing. */
  readonly preset?: string;
  readonly parse: Parse;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** The settings a person may choose: each a flag, and an environment variable `UNDERPAINT_<FLAG>`. */
export const OPTIONS: readonly Option[] = [
  { flag: 'host', key: 'host', value: 'ADDRESS', help: 'address to listen on', parse: asWritten },
  { flag: 'port', key: 'port', value: 'N', help: 'port to listen on; 0 takes a free one', parse: whole(0, 65_535) },
  { flag: 'base-path', key: 'basePath', value: 'PATH', help: 'serve everything under this path', parse: parsePath },
  { flag: 'tls-cert', key: 'tlsCert', value: 'FILE', help: 'certificate (PEM): serve https', parse: existing },
  { flag: 'tls-key', key: 'tlsKey', value: 'FILE', help: 'key of the certificate (PEM)', parse: existing },
  {
    flag: 'model',
    key: 'model',
    value: 'DIR',
    help: 'folder of the model, or OWNER/NAME of a pulled one',
    preset: 'the embedded one',
    parse: asWritten,
  },
  {
    flag: 'vae',
    key: 'vae',
    value: 'DIR',
    help: 'folder of another autoencoder for it, or OWNER/NAME',
    parse: asWritten,
  },
  {
    flag: 'size',
    key: 'size',
    value: 'PIXELS',
    help: 'of the pictures: one number, or WIDTHxHEIGHT',
    preset: "the model's own",
    parse: parseSize,
  },
  {
    flag: 'no-safety-checker',
    key: 'safetyChecker',
    value: '',
    help: "do not judge pictures by the model's own safety checker",
    parse: off,
  },
  {
    flag: 'device',
    key: 'device',
    value: 'LIST',
    help: 'auto, cpu, cuda or webgpu; cuda:0,cuda:1 for several',
    parse: asWritten,
  },
  { flag: 'workers', key: 'workers', value: 'N', help: 'worker processes a device; 0 measures', parse: whole(0, 64) },
  {
    flag: 'threads',
    key: 'threads',
    value: 'N',
    help: 'threads of one model call; 0 shares the cores',
    parse: whole(0, 256),
  },
  { flag: 'max-rows', key: 'maxRows', value: 'N', help: 'rows of one UNet call; 0 measures', parse: whole(0, 64) },
  { flag: 'max-sessions', key: 'maxSessions', value: 'N', help: 'clients at once', parse: whole(1, 100_000) },
  { flag: 'max-waiting', key: 'maxWaiting', value: 'N', help: 'clients in line for a place', parse: whole(0, 100_000) },
  {
    flag: 'allowed-origins',
    key: 'allowedOrigins',
    value: 'LIST',
    help: 'other origins whose pages may connect and embed; * is any',
    parse: parseOrigins,
  },
  {
    flag: 'allowed-hosts',
    key: 'allowedHosts',
    value: 'LIST',
    help: 'names that lead here, as behind a proxy; *.example.org for all below it, * for any',
    parse: parseHosts,
  },
  {
    flag: 'max-connections',
    key: 'maxConnections',
    value: 'N',
    help: 'open TCP connections, pages included; 0 is all clients and 320 more',
    parse: whole(0, 1_000_000),
  },
  {
    flag: 'target-server-ms',
    key: 'targetServerMs',
    value: 'N',
    help: 'under load, take fewer steps to stay within this',
    parse: whole(1, 600_000),
  },
  {
    flag: 'refine-steps',
    key: 'refineSteps',
    value: 'N',
    help: 'steps for the last frame of a quiet session; 0 is off',
    parse: whole(0, 50),
  },
  {
    flag: 'rooms-dir',
    key: 'roomsDir',
    value: 'DIR',
    help: 'folder to keep rooms in across restarts',
    parse: asWritten,
  },
  {
    flag: 'max-rooms',
    key: 'maxRooms',
    value: 'N',
    help: 'rooms at once, those that sleep included',
    parse: whole(0, 1_000_000),
  },
  {
    flag: 'max-rooms-per-hour',
    key: 'maxRoomsPerHour',
    value: 'N',
    help: 'rooms that one address may make in an hour; a proxy in front is one',
    parse: whole(1, 1_000_000),
  },
  {
    flag: 'room-ttl-hours',
    key: 'roomTtlHours',
    value: 'N',
    help: 'how long a room is kept after its last member left',
    parse: whole(1, 500),
  },
  {
    flag: 'drain-seconds',
    key: 'drainSeconds',
    value: 'N',
    help: 'a stop takes no longer: frames in flight end, rooms are written',
    parse: whole(1, 3_600),
  },
  { flag: 'log-level', key: 'logLevel', value: 'LEVEL', help: LEVELS.join(', '), parse: oneOf(LEVELS) },
];

export const SERVE_HELP = `Usage: underpaint serve [options]

Serves the page and the WebSocket endpoint. Each option is also an environment variable, UNDERPAINT_PORT for --port.

${OPTIONS.map(({ flag, key, value, help, preset = String(DEFAULTS[key]) || 'none' }) => {
  if (value === '') return `  --${flag}`.padEnd(28) + help;
  return `  --${flag} ${value}`.padEnd(28) + `${help} (default: ${preset})`;
}).join('\n')}
  --help                    this text`;

/**
 * Reads the settings from the command line and the environment, in that order.
 *
 * @returns every setting, checked and frozen; `null` when the help was asked for
 * @throws UsageError
 */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config | null {
  const given = readFlags(argv);
  if (given['help']) return null;
  const config: Record<string, unknown> = { ...DEFAULTS };
  for (const { flag, key, parse } of OPTIONS) {
    const name = `UNDERPAINT_${flag.toUpperCase().replaceAll('-', '_')}`;
    const switched = given[flag] === true ? '1' : undefined;
    const text = switched ?? given[flag] ?? env[name];
    if (typeof text !== 'string' || (text === '' && given[flag] === undefined)) continue;
    config[key] = parse(text, given[flag] === undefined ? name : `--${flag}`);
  }
  config['model'] = findModel(String(config['model']), env);
  if (config['vae'] !== '') config['vae'] = findModel(String(config['vae']), env);
  const checked = Object.freeze(config) as Config;
  if ((checked.tlsCert === '') !== (checked.tlsKey === '')) {
    throw new UsageError('--tls-cert and --tls-key belong together: give both or none');
  }
  return checked;
}

function readFlags(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const { flag, value } of OPTIONS) options[flag] = { type: value === '' ? 'boolean' : 'string' };
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See underpaint serve --help`, { cause: error });
  }
}

function asWritten(text: string): string {
  return text;
}

function whole(min: number, max: number): Parse {
  return (text, source) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(`${source} must be a whole number from ${min} to ${max}, not "${text}"`);
  };
}

/** A switch turns its setting off; as an environment variable it is 1 or 0. */
function off(text: string, source: string): boolean {
  if (text === '1' || text === 'true') return false;
  if (text === '0' || text === 'false') return true;
  throw new UsageError(`${source} must be 1 or 0, not "${text}"`);
}

function oneOf(choices: readonly string[]): Parse {
  return (text, source) => {
    if (choices.includes(text)) return text;
    throw new UsageError(`${source} must be one of ${choices.join(', ')}, not "${text}"`);
  };
}

function existing(text: string, source: string): string {
  if (existsSync(text)) return text;
  throw new UsageError(`${source}: there is no file at ${text}`);
}

function parsePath(text: string, source: string): string {
  if (/^\/?([\w.~-]+\/)*[\w.~-]*$/.test(text) && !text.includes('..')) return `/${text}/`.replaceAll(/\/+/g, '/');
  throw new UsageError(`${source} must be a path such as /paint, not "${text}"`);
}

function parseHosts(text: string, source: string): readonly string[] {
  return text
    .split(',')
    .filter(Boolean)
    .map((host) => parseHost(host.trim().toLowerCase(), source));
}

function parseHost(text: string, source: string): string {
  const name = text.replace(/^\*\./, '');
  if (text === '*') return text;
  if (/^[^\s/\\?#@:[\]*]+$/.test(name) && URL.canParse(`http://${name}`)) {
    return text.slice(0, -name.length) + new URL(`http://${name}`).hostname;
  }
  throw new UsageError(`${source} must be names such as paint.example.org, without scheme and port, not "${text}"`);
}

function parseOrigins(text: string, source: string): readonly string[] {
  return text
    .split(',')
    .filter(Boolean)
    .map((origin) => parseOrigin(origin.trim(), source));
}

function parseOrigin(text: string, source: string): string {
  if (text === '*') return text;
  try {
    const { origin } = new URL(text);
    if (origin !== 'null') return origin;
  } catch {
    // Told below.
  }
  throw new UsageError(`${source} must be origins such as https://example.org, not "${text}"`);
}
