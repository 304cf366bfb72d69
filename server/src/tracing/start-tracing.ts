import { UsageError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { StartTracing, Tracing } from './tracing.js';

export interface TracingOptions {
  /** Whether `--otel` was given. */
  readonly otel: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names the kind of process, unless OTEL_SERVICE_NAME does. */
  readonly service: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** As in the peerDependencies of package.json; these are the last that run on Node 20. */
const PACKAGES = ['api@1.9', 'resources@2', 'sdk-trace-base@2', 'exporter-trace-otlp-http@0.223'].map(
  (name) => `@opentelemetry/${name}`,
);

/** The SDK is large, so it is loaded only when it is asked for. */
const loadSdk = async (): Promise<StartTracing> => (await import('./open-telemetry.js')).startOpenTelemetry;

/**
 * Starts the export of traces, with `--otel` or with the address of a collector in OpenTelemetry's own variables.
 *
 * @returns undefined if nobody asked for it, or the variables did and the packages are missing
 * @throws UsageError if `--otel` did and the packages are missing
 */
export async function startTracing(options: TracingOptions, load = loadSdk): Promise<Tracing | undefined> {
  const { otel, env, service, log } = options;
  if (!otel && !isAskedFor(env)) return undefined;
  try {
    const start = await load();
    log.info({ service }, 'exporting traces to OpenTelemetry');
    return start(service, env);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const message = `traces need packages that are not installed: npm install --no-save ${PACKAGES.join(' ')}`;
    if (otel) throw new UsageError(message, { cause: error });
    log.warn(message);
    return undefined;
  }
}

function isAskedFor(env: TracingOptions['env']): boolean {
  const address = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return Boolean(address) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none';
}
