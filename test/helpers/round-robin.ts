import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy in front of several servers: each connection goes to the next one that accepts it. */
export interface RoundRobin {
  readonly port: number;
  /** Ports of the servers. */
  servers: readonly number[];
  close(): void;
}

export async function startRoundRobin(): Promise<RoundRobin> {
  const sockets = new Set<Socket>();
  let next = 0;
  const server = createServer((near) => void pass(near));
  const pass = async (near: Socket) => {
    keep(near);
    near.pause();
    const { servers } = proxy;
    for (let tries = 0; tries < servers.length && !near.destroyed; tries++) {
      const far = await connected(servers[next++ % servers.length]!);
      if (!far) continue;
      keep(far);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      return void near.pipe(far).pipe(near);
    }
    near.destroy();
  };
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RoundRobin = {
    port: (server.address() as AddressInfo).port,
    servers: [],
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}

function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket)).once('error', () => resolve(undefined));
  });
}
