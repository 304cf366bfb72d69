import { constants } from 'node:os';
import type { Command, CommandContext } from './cli/command.js';
import { UsageError } from './errors.js';
import { DeviceFailure } from './pipeline/graphs/device-failure.js';
import { ModelError } from './pipeline/errors.js';
import { VERSION } from './version.js';

/*
 * The entry of the command line and the only file that touches `process`: arguments, environment, signals, exit code.
 */

// Set before sharp is loaded anywhere: libvips then leaves out the loaders that are not safe with unknown files.
process.env['VIPS_BLOCK_UNTRUSTED'] = '1';

/** Commands are loaded when they are named, so that `serve` loads neither the model runtime nor the picture library. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./cli/serve.js')).serve,
  infer: async () => (await import('./cli/infer.js')).infer,
  inspect: async () => (await import('./cli/inspect.js')).inspect,
  pull: async () => (await import('./cli/pull.js')).pull,
  bench: async () => (await import('./cli/bench.js')).bench,
};

const HELP = `underpaint ${VERSION}: draw a sketch, see the picture

Usage: underpaint <command> [options]

  serve    serve the page and the WebSocket endpoint
  infer    turn one sketch, or a prompt alone, into a picture
  inspect  say what a model folder is
  pull     bring a model from the Hugging Face hub
  bench    measure this machine

underpaint <command> --help tells more.`;

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
  const load = COMMANDS[name];
  if (!load) throw new UsageError(`there is no command "${name}". See underpaint --help`);
  const command = await load();
  return command(rest, context());
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

/** npm passes on to its script what the terminal has sent to both: one Ctrl-C may arrive twice. */
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

/** npx runs a command in a shell, and passes signals to that shell only: its end is all that is seen of them here. */
function onParentGone(listener: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    listener();
  }, LOOK_FOR_PARENT_MS).unref();
}

/**
 * Ends the process as a signal does that nobody listens to: at once, also where a thread of Node hangs in the file
 * system, for which `process.exit` would wait. The first process of a container is spared by its own signals, and exits.
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
