import { MODEL_OPTIONS } from './model-options.js';
import { oneOf, parsed, text, toggle, whole, wholeIn, type Parse } from './option.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

const { model, vae, size, safetyChecker, device, dtype, threads } = MODEL_OPTIONS;

const parseNumber = wholeIn({ min: 0, max: 64 });
const parseWorkers: Parse<number | 'auto'> = (written, source) =>
  written === 'auto' ? written : parseNumber(written, source);

/** Options of the workers of a process; `serve` and `worker` share them. */
export const WORKER_OPTIONS = {
  model,
  vae,
  size,
  safetyChecker,
  device: { ...device, value: 'LIST', help: 'auto, cpu, cuda or webgpu; several as in cuda:0,cuda:1' },
  dtype,
  workers: parsed<number | 'auto'>(
    { value: 'N', help: 'worker processes per device; auto: as many as the people need', default: 'auto' },
    parseWorkers,
  ),
  threads: { ...threads, help: 'threads of one model call; 0 divides the cores among the workers' },
  maxRows: whole({ help: 'most rows in one UNet call; 0 measures the best number', min: 0, max: 64, default: 0 }),
};

/** The broker between gateways and workers on several machines. */
export const NATS_OPTIONS = {
  nats: text({
    value: 'URL',
    help: 'NATS server, as nats://host:4222, to work with other machines',
    default: '',
  }),
  natsCreds: text({ value: 'FILE', help: "credentials of a NATS user, as nsc's .creds files", default: '' }),
};

/** Traces of frames; OpenTelemetry's own variables say where they go. */
export const OTEL_OPTION = toggle({
  help: 'export traces to OpenTelemetry, as OTEL_EXPORTER_OTLP_ENDPOINT does too',
  default: false,
});

export const LOG_LEVEL_OPTION = oneOf(LEVELS, { value: 'LEVEL', help: LEVELS.join(', '), default: 'info' });
