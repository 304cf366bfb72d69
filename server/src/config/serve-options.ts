import { parseHost, parseOrigin, parsePath } from './addresses.js';
import { file, list, oneOf, parsed, text, urlOrFile, whole } from './option.js';
import { quota } from './quota-option.js';
import { LOG_LEVEL_OPTION, NATS_OPTIONS, OTEL_OPTION, WORKER_OPTIONS } from './worker-options.js';

/** The options of `underpaint serve`, in the order of its help. */
export const SERVE_OPTIONS = {
  host: text({ value: 'ADDRESS', help: 'address to listen on', default: '127.0.0.1' }),
  port: whole({ help: 'port to listen on; 0 picks a free one', min: 0, max: 65_535, default: 8080 }),
  internalPort: whole({
    help: 'port for metrics, facts and health, which then leave the public one; 0 for none',
    min: 0,
    max: 65_535,
    default: 0,
  }),
  internalHost: text({ value: 'ADDRESS', help: 'address of the internal port', default: '127.0.0.1' }),
  basePath: parsed({ value: 'PATH', help: 'serve everything under this path', default: '/' }, parsePath),
  tlsCert: file({ help: 'certificate (PEM); turns https on', default: '' }),
  tlsKey: file({ help: 'private key of the certificate (PEM)', default: '' }),
  ...NATS_OPTIONS,
  ...WORKER_OPTIONS,
  workers: {
    ...WORKER_OPTIONS.workers,
    help: 'worker processes per device; auto: by the people; 0: only those on NATS',
  },
  maxSessions: whole({ help: 'most live sessions; further clients wait in line', min: 1, max: 100_000, default: 64 }),
  maxWaiting: whole({ help: 'most clients in line', min: 0, max: 100_000, default: 64 }),
  allowedOrigins: list(
    { help: 'other origins whose pages may connect and embed; * allows all', default: [] },
    parseOrigin,
  ),
  allowedHosts: list(
    { help: 'host names of this server, as behind a proxy; *.example.org for subdomains, * for any', default: [] },
    parseHost,
  ),
  authSecretFile: file({ help: 'secret of tokens signed with HMAC; clients then need a token', default: '' }),
  authJwks: urlOrFile({ help: 'public keys of tokens (JSON Web Key Set); clients then need a token', default: '' }),
  authAudience: text({ value: 'NAME', help: 'what the claim aud of a token must name', default: 'underpaint' }),
  trustedProxies: list(
    { help: 'addresses and networks of the proxies in front, such as 10.0.0.0/8 or loopback', default: [] },
    (written) => written,
  ),
  proxyHeader: oneOf(['x-forwarded-for', 'forwarded'], {
    value: 'NAME',
    help: 'header in which they name the client: x-forwarded-for or forwarded',
    default: 'x-forwarded-for',
  }),
  maxPerAddress: quota('most of one address: connections, sessions; bytes, messages, frames a second'),
  maxPerSubject: quota('most of one subject of tokens: sessions; bytes, messages, frames a second'),
  maxEgressMbps: whole({
    help: 'most megabits a second to all clients; beyond it nobody new gets in; 0 for no limit',
    min: 0,
    max: 1_000_000,
    default: 0,
  }),
  maxMemoryMb: whole({
    help: 'most memory of the process without its workers; beyond it nobody new gets in; 0 for no limit',
    min: 0,
    max: 10_000_000,
    default: 0,
  }),
  maxConnections: whole({
    help: 'most open TCP connections; 0 is one for each client and 320 more',
    min: 0,
    max: 1_000_000,
    default: 0,
  }),
  maxFramesPerSecond: whole({
    help: 'most frames a second of one drawing; clients send no more',
    min: 1,
    max: 120,
    default: 60,
  }),
  targetServerMs: whole({
    help: 'under load, lower the steps to keep 95 % of images within this time',
    min: 1,
    max: 600_000,
    default: 500,
  }),
  refineSteps: whole({
    help: 'steps for the last frame of a quiet session; 0 turns this off',
    min: 0,
    max: 50,
    default: 4,
  }),
  promptCheck: text({
    value: 'URL|FILE',
    help: 'address to ask about prompts, or a file with words to refuse',
    default: '',
  }),
  roomsDir: text({ value: 'DIR', help: 'folder that keeps rooms across restarts', default: '' }),
  maxRooms: whole({ help: 'most rooms, sleeping ones included', min: 0, max: 1_000_000, default: 1_000 }),
  maxRoomsPerHour: whole({
    help: 'most rooms that one address, or one subject of tokens, may create in an hour',
    min: 1,
    max: 1_000_000,
    default: 30,
  }),
  roomTtlHours: whole({ help: 'how long to keep a room after its last member leaves', min: 1, max: 500, default: 168 }),
  drainSeconds: whole({
    help: 'longest time for a clean stop, which finishes frames and writes rooms',
    min: 1,
    max: 3_600,
    // Docker kills a container 10 s after it asks for a stop.
    default: 8,
  }),
  auditLog: text({
    value: 'FILE',
    help: 'file that records connections, rooms, refusals and closes; - for stdout',
    default: '',
  }),
  otel: OTEL_OPTION,
  logLevel: LOG_LEVEL_OPTION,
};
