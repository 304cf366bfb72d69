import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster, type Gateway } from '../helpers/cluster.js';
import { hasNatsServer, NatsServer } from '../helpers/nats-server.js';
import { freePort, type Started } from '../helpers/started.js';
import { TestClient } from '../helpers/test-client.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const SAMPLED = `00-${TRACE}-${CLIENT_SPAN}-01`;
const FRAME = new Uint8Array(2_000);

interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** What an exporter sends as JSON. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

/** A receiver of OTLP over HTTP. */
class Collector {
  readonly spans: Span[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void json(request).then((body) => {
        this.#take(body as Export);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take({ resourceSpans }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')!.value.stringValue!;
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service }))));
    }
  }
}

describe.runIf(hasNatsServer('traces and metrics of workers'))('operators', () => {
  const collector = new Collector();
  let nats: NatsServer;
  let cluster: Cluster;
  let worker: Started;
  let gateway: Gateway;
  let internalPort: number;
  let dir: string;
  let words: string;

  beforeAll(async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', await collector.start());
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '50');
    nats = await NatsServer.start();
    cluster = new Cluster(nats.url);
    dir = await mkdtemp(join(tmpdir(), 'underpaint-words-'));
    words = join(dir, 'words.txt');
    await writeFile(words, 'hat');
    internalPort = await freePort();
    const device = ['--device', 'fake:20ms+1ms', '--max-rows', '1'];
    [worker, gateway] = await Promise.all([
      cluster.worker(...device, '--internal-port', String(internalPort)),
      cluster.gateway('--otel', '--prompt-check', words),
    ]);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await cluster.stop();
    await nats.stop();
    collector.stop();
    await rm(dir, { recursive: true });
  });

  const spansOf = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);

  const askWorker = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${internalPort}${path}`);
    return { status: response.status, body: await response.text() };
  };

  it('see the health and the metrics of a worker on its own port', async () => {
    const statuses = await Promise.all(
      ['/healthz', '/readyz', '/', '//'].map(async (path) => (await askWorker(path)).status),
    );
    expect(statuses).toEqual([200, 200, 404, 404]);
    const { body } = await askWorker('/metrics');
    expect(body).toMatch(/^underpaint_ready 1$/m);
    expect(body).toMatch(/^underpaint_worker_gateways 1$/m);
    expect(body).toMatch(/^underpaint_unet_rows_max 1$/m);
  });

  it('have words refused, count that, and may change the list at any time', async () => {
    const client = await TestClient.live(gateway.servesOn);
    client.send({ type: 'params', params: { prompt: 'a red hat' } });
    expect(await client.until('error')).toMatchObject({ code: 'prompt-refused', message: '' });
    const metrics = await (await fetch(`http://127.0.0.1:${gateway.servesOn}/metrics`)).text();
    expect(metrics).toContain('underpaint_prompt_checks_total{result="refused"} 1');
    await writeFile(words, 'coat');
    gateway.signal('SIGHUP');
    await gateway.until(/reloaded the list of words/);
    client.send({ type: 'params', params: { prompt: 'a red hat' } });
    expect((await client.until('params')).params.prompt).toBe('a red hat');
    client.close();
  });

  it('follow a frame of a client from the gateway to the worker, with one id', async () => {
    const client = await TestClient.live(gateway.servesOn);
    client.send({ type: 'frame', seq: 1, data: FRAME, traceparent: SAMPLED });
    await client.until('image');
    await expect.poll(() => spansOf(TRACE).length, { timeout: 10_000 }).toBe(2);
    const [frame, render] = ['frame', 'render'].map((name) => spansOf(TRACE).find((span) => span.name === name)!);
    expect(frame).toMatchObject({ service: 'underpaint-gateway', parentSpanId: CLIENT_SPAN });
    expect(render).toMatchObject({ service: 'underpaint-worker', parentSpanId: frame!.spanId });
    expect(Number(frame!.startTimeUnixNano)).toBeLessThanOrEqual(Number(frame!.endTimeUnixNano));
    client.send({ type: 'frame', seq: 2, data: FRAME.slice(1), traceparent: SAMPLED.replace(/01$/, '00') });
    await client.until('image', ({ seq }) => seq === 2);
    client.close();
  });

  it('find the id of a frame that fails in the log, and its span marked as failed', async () => {
    const client = await TestClient.live(gateway.servesOn);
    const other = TRACE.replace(/^0a/, '0b');
    client.send({ type: 'frame', seq: 1, data: FRAME, traceparent: `00-${other}-${CLIENT_SPAN}-01` });
    client.send({ type: 'params', params: { steps: 8 } });
    worker.signal('SIGKILL');
    await client.until('error');
    const logged = await gateway.until(/\{[^\n]*"trace_id":"(\w+)"[^\n]*"a traced frame failed"/);
    expect(logged[1]).toBe(other);
    await expect
      .poll(() => spansOf(other), { timeout: 10_000 })
      .toMatchObject([{ name: 'frame', status: { code: 2 } }]);
    expect(spansOf(TRACE), 'the frame that was not sampled has none').toHaveLength(2);
    client.close();
  });
});
