import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnderpaintServer } from '../../server/dist/server.js';
import { RoomClient } from '../helpers/room-client.js';
import { startServer } from '../helpers/start-server.js';
import { TestClient } from '../helpers/test-client.js';

let server: UnderpaintServer;
beforeAll(async () => {
  server = await startServer({ device: 'fake:2ms+1ms' });
});
afterAll(() => server?.stop());

it('a person whom the owner removed cannot write any more, and comes back by no key until the room is opened', async () => {
  const owner = await RoomClient.join(server.port, { room: randomBytes(16).toString('base64url'), role: 'owner' });
  const { edit, view } = owner.room;
  const [ann, ben] = await Promise.all(
    ['Ann', 'Ben'].map((pass) => RoomClient.join(server.port, { room: edit!, pass })),
  );
  ann!.draw(1);
  await owner.untilMarks(1);
  // It takes no notice of the close, and goes on sending.
  ann!.wire.socket.pause();
  owner.wire.send({ type: 'role', remove: ann!.room.member });
  await owner.wire.until('member', ({ event }) => event === 'left');
  ann!.draw(2);
  ann!.sendFrame(1);
  await wait(200);
  expect(owner.marks.length).toBe(1);
  expect(owner.wire.all('image')).toEqual([]);

  for (const hello of [{ room: edit!, pass: 'Ann' }, { room: edit! }, { room: view, pass: 'new' }]) {
    const again = await TestClient.open(server.port);
    const { resume } = ann!.wire.welcome;
    again.send({ type: 'hello', author: ann!.doc.clientID, resume, ...hello });
    expect((await again.untilClosed()).code).toBe(4007);
  }
  ben!.close();
  const back = await RoomClient.join(server.port, { room: edit!, pass: 'Ben' });
  expect(back.wire.all('role')[0]).toMatchObject({ closed: true });
  owner.wire.send({ type: 'role', closed: false });
  await owner.wire.until('role', ({ closed }) => !closed);
  await RoomClient.join(server.port, { room: edit!, pass: 'Ann' });
});
