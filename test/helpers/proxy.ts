import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network between a page and a server that a test can cut. */
export interface Proxy {
  readonly port: number;
  /** While it is down, new connections fail. */
  isDown: boolean;
  /** Connections that are open, at both ends. */
  readonly open: number;
  /** Breaks every connection. */
  cut(): void;
  close(): void;
}

export async function startProxy(toPort: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (proxy.isDown) return void near.destroy();
    const far = connect(toPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    isDown: false,
    get open() {
      return sockets.size;
    },
    cut,
    close: () => {
      server.close();
      cut();
    },
  };
  return proxy;
}
