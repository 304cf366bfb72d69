import { constants } from 'node:os';
import type { CommandContext, Run } from './cli/command.js';
import { UsageError } from './errors.js';
import { DeviceFailure } from './pipeline/graphs/device-failure.js';
import { ModelError } from './pipeline/errors.js';
import { VERSION } from './version.js';

/*
 * The entry of the command line, and the only file that touches `process`: arguments, environment, signals, exit code.
 */

// Must be set before sharp is loaded: libvips then leaves out the loaders that are unsafe with untrusted files.
process.env['VIPS_BLOCK_UNTRUSTED'] = '1';

/** Each command is loaded on use, so that `serve` loads neither the model runtime nor the image library. */
const COMMANDS: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<Run> }>> = {
  serve: {
    summary: 'serve the page and the WebSocket endpoint',
    load: async () => (await import('./cli/serve.js')).serve,
  },
  worker: {
    summary: 'run the model for servers on other machines',
    load: async () => (await import('./cli/worker.js')).worker,
  },
  token: {
    summary: 'make a token for a client',
    load: async () => (await import('./cli/token.js')).token,
  },
  infer: {
    summary: 'turn one sketch, or a prompt alone, into a picture',
    load: async () => (await import('./cli/infer.js')).infer,
  },
  inspect: {
    summary: 'describe a model folder',
    load: async () => (await import('./cli/inspect.js')).inspect,
  },
  pull: {
    summary: 'download a model from the Hugging Face hub',
    load: async () => (await import('./cli/pull.js')).pull,
  },
  record: {
    summary: 'write the inputs of the graphs, to calibrate int8 with',
    load: async () => (await import('./cli/record.js')).record,
  },
  bench: {
    summary: 'measure this machine',
    load: async () => (await import('./cli/bench.js')).bench,
  },
};

const HELP = `underpaint ${VERSION}: draw a sketch, see the picture

Usage: underpaint <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(9)}${summary}`)
  .join('\n')}

underpaint <command> --help lists the options of a command.`;

async function main(argv: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h') {
    console.log(HELP);
    return 0;
  }
  if (name === '--version') {
    console.log(VERSION);
    return 0;
  }
  const command = COMMANDS[name];
  if (!command) throw new UsageError(`there is no command "${name}". See underpaint --help`);
  const run = await command.load();
  return run(rest, context());
}

function context(): CommandContext {
  let stopped: Promise<void> | undefined;
  return {
    env: process.env,
    print: (line) => console.log(line),
    warn: (line) => console.error(`underpaint: ${line}`),
    get stopped() {
      return (stopped ??= stopSignal());
    },
    onHangup: (listener) => void process.on('SIGHUP', listener),
    endWithin: (ms, why) => {
      const end = () => {
        console.error(`underpaint: ${why}`);
        endBy('SIGTERM');
      };
      setTimeout(end, ms).unref();
    },
  };
}

/** npm forwards signals that the terminal has sent to its script too, so one Ctrl-C may arrive twice. */
const SAME_SIGNAL_MS = 500;
const LOOK_FOR_PARENT_MS = 1_000;

/** The first signal asks for a clean stop; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const stop = () => {
      firstMs ??= performance.now();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (firstMs !== undefined && performance.now() - firstMs > SAME_SIGNAL_MS) endBy(signal);
        stop();
      });
    }
    if (process.env['npm_lifecycle_event'] === 'npx') onParentGone(stop);
  });
}

/** npx runs a command in a shell and forwards signals to that shell only; here, only the end of the shell is visible. */
function onParentGone(listener: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, LOOK_FOR_PARENT_MS).unref();
}

/**
 * Ends the process like an unhandled signal: at once, even if a thread of Node hangs in the file system, which
 * `process.exit` would wait for. The first process of a container is immune to its own signals, so it exits instead.
 */
function endBy(signal: 'SIGINT' | 'SIGTERM'): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  process.exit(128 + constants.signals[signal]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ModelError || error instanceof DeviceFailure)) throw error;
  console.error(`underpaint: ${error.message}`);
  process.exitCode = 2;
}
