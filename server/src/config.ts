import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from './errors.js';

/** Every setting of the service with its value when nobody says otherwise. */
export const DEFAULTS = Object.freeze({
  host: '127.0.0.1',
  port: 8080,
  /** Folder of the model. */
  model: fileURLToPath(new URL('../../models/landscape', import.meta.url)),
  device: 'cpu',
  /** Threads of one ONNX Runtime call; 0 means one for each core. */
  threads: 0,
  /** Live sessions; one more is told to try again later. */
  maxSessions: 64,
  /** Origins of pages that may connect beside the server's own; `*` means all. */
  allowedOrigins: [] as readonly string[],
  logLevel: 'info',

  maxRows: 1,
  maxFrameBytes: 480 * 1024,
  maxMessageBytes: 512 * 1024,
  maxFramePixels: 1_048_576,
  maxFramesPerSecond: 30,
  maxBytesPerSecond: 8 * 1024 * 1024,
  maxBufferedBytes: 64 * 1024,
  helloTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  resumeTtlMs: 120_000,
  hangMs: 30_000,
  restartMs: Object.freeze({ first: 250, longest: 10_000 }),
  /** Time that frames in flight have to finish when the server stops. */
  drainMs: 10_000,
});

export type Config = Readonly<{
  [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K] extends number
    ? number
    : (typeof DEFAULTS)[K] extends string
      ? string
      : (typeof DEFAULTS)[K];
}>;

interface Option {
  readonly flag: string;
  readonly key: 'host' | 'port' | 'model' | 'device' | 'threads' | 'maxSessions' | 'allowedOrigins' | 'logLevel';
  readonly value: string;
  readonly help: string;
}

/** The settings a person may choose: each a flag, and an environment variable `UNDERPAINT_<FLAG>`. */
export const OPTIONS: readonly Option[] = [
  { flag: 'host', key: 'host', value: 'ADDRESS', help: 'address to listen on' },
  { flag: 'port', key: 'port', value: 'N', help: 'port to listen on; 0 takes a free one' },
  { flag: 'model', key: 'model', value: 'DIR', help: 'folder of the model (default: the embedded one)' },
  { flag: 'device', key: 'device', value: 'NAME', help: 'where the model runs: cpu' },
  { flag: 'threads', key: 'threads', value: 'N', help: 'threads of one model call; 0 is one for each core' },
  { flag: 'max-sessions', key: 'maxSessions', value: 'N', help: 'clients at once' },
  {
    flag: 'allowed-origins',
    key: 'allowedOrigins',
    value: 'LIST',
    help: 'pages of these origins may connect too, separated by commas; * means any',
  },
  { flag: 'log-level', key: 'logLevel', value: 'LEVEL', help: 'trace, debug, info, warn, error or silent' },
];

export const SERVE_HELP = `Usage: underpaint serve [options]

Serves the page and the WebSocket endpoint. Each option is also an environment variable, UNDERPAINT_PORT for --port.

${OPTIONS.map(({ flag, key, value, help }) => {
  const preset = key === 'model' ? '' : ` (default: ${String(DEFAULTS[key]) || 'none'})`;
  return `  --${flag} ${value}`.padEnd(28) + help + preset;
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
  for (const { flag, key } of OPTIONS) {
    const name = `UNDERPAINT_${flag.toUpperCase().replaceAll('-', '_')}`;
    const text = given[flag] ?? env[name];
    if (typeof text !== 'string' || (text === '' && given[flag] === undefined)) continue;
    config[key] = parse(key, text, given[flag] === undefined ? name : `--${flag}`);
  }
  if (!existsSync(config['model'] as string)) {
    throw new UsageError(`there is no model folder at ${String(config['model'])}`);
  }
  return Object.freeze(config) as Config;
}

function readFlags(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const { flag } of OPTIONS) options[flag] = { type: 'string' };
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values as Record<string, string | boolean | undefined>;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. See underpaint serve --help`, { cause: error });
  }
}

const NUMBER_RANGES = { port: [0, 65_535], threads: [0, 256], maxSessions: [1, 100_000] } as const;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

function parse(key: Option['key'], text: string, source: string): unknown {
  switch (key) {
    case 'port':
    case 'threads':
    case 'maxSessions': {
      const [min, max] = NUMBER_RANGES[key];
      const value = Number(text);
      if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
      throw new UsageError(`${source} must be a whole number from ${min} to ${max}, not "${text}"`);
    }
    case 'allowedOrigins':
      return text
        .split(',')
        .filter(Boolean)
        .map((origin) => parseOrigin(origin.trim(), source));
    case 'logLevel':
      if (LEVELS.includes(text)) return text;
      throw new UsageError(`${source} must be one of ${LEVELS.join(', ')}, not "${text}"`);
    case 'host':
    case 'model':
    case 'device':
      return text;
  }
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
