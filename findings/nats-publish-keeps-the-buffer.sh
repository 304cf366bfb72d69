#!/bin/sh
# publish() of @nats-io/transport-node 3.3.1 neither sends at once nor copies.
# It keeps the caller's Uint8Array until a later turn of the event loop. A program that fills one buffer for each message
# delivers the last contents under all of them: the right number of messages, the wrong bytes, no error.
# Workaround: a buffer that was published is never written again.
# Needs Debian 12 for the package of nats-server.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nats-server=2.9.10-1+b3
dpkg -x nats-server_*.deb .
npm install --silent --no-audit --no-fund --ignore-scripts @nats-io/transport-node@3.3.1
./usr/sbin/nats-server -a 127.0.0.1 -p -1 --ports_file_dir "$folder" -l log &
server=$!
until ls nats-server_*.ports >/dev/null 2>&1; do sleep 0.1; done

cat > run.mjs <<'END'
import { readFileSync, readdirSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';

const ports = readdirSync('.').find((name) => name.endsWith('.ports'));
const servers = JSON.parse(readFileSync(ports, 'utf8')).nats[0];
const connection = await connect({ servers });
console.log('nats-server', connection.info.version, 'on Node', process.version);
const received = [];
connection.subscribe('numbers', { callback: (_, { data }) => received.push(data[0]) });
await connection.flush();

const buffer = new Uint8Array(10);
for (const number of [1, 2, 3]) {
  buffer.fill(number);
  connection.publish('numbers', buffer);
}
await connection.flush();
await connection.drain();
console.log('published 1, 2 and 3 from one buffer; received', received.join(', '), '(expected: 1, 2, 3)');
process.exitCode = received.join() === '3,3,3' ? 0 : 1;
END
node run.mjs
