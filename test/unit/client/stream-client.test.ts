import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { decodeClientMessage, type ClientMessage } from '@underpaint/shared';
import { StreamClient } from '../../../client/src/stream.js';

describe('StreamClient without a document', () => {
  it('is created, changed and closed without an error', () => {
    expect(globalThis.document).toBeUndefined();
    const client = new StreamClient({ url: '/relative/', params: { prompt: 'hills' } });
    client.setParams({ strength: 0.3 });
    client.frozen = true;
    client.changed();
    client.flushParams();
    client.close();
    expect(client.params).toMatchObject({ prompt: 'hills', strength: 0.3 });
    expect(client.state.status).toBe('idle');
  });

  it('connects to a server', async () => {
    vi.stubGlobal('WebSocket', WebSocket);
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: ([first]) => first ?? false });
    await once(server, 'listening');
    const messages: (ClientMessage | null)[] = [];
    server.on('connection', (socket) => {
      socket.on('message', (bytes: Buffer) => messages.push(decodeClientMessage(Uint8Array.from(bytes))));
    });
    const { port } = server.address() as AddressInfo;
    const client = new StreamClient({ url: `http://127.0.0.1:${port}/`, program: 'a test' });
    client.connect();
    await vi.waitFor(() => expect(messages).toMatchObject([{ type: 'hello', program: 'a test' }]));
    client.close();
    server.close();
    vi.unstubAllGlobals();
  });

  it.each(['/relative/', 'https://', 'ftp://example.org/', 'no address'])(
    'reports the address %j as an error event',
    (url) => {
      const client = new StreamClient({ url });
      const failures: unknown[] = [];
      client.addEventListener('streamerror', ({ detail }) => failures.push(detail));
      client.connect();
      expect(failures).toMatchObject([{ code: 'bad-address', retryable: false }]);
      expect(client.state).toMatchObject({ status: 'ended', code: 0 });
      client.close();
    },
  );
});
