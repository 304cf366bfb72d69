#!/bin/sh
# publish() of the NATS client sends later and makes no copy: a buffer that is used again is delivered with its last contents.
# The data of a received message is a Buffer, whose slice() shares memory that the client fills with other messages too.
# Workaround: server/src/inference/link/nats/parcels.ts makes a new array for each message, and incoming.ts copies what it keeps.
# Needs nats-server (Debian: apt install nats-server).
set -eu
folder=$(mktemp -d)
PATH=$PATH:/usr/sbin
nats-server -a 127.0.0.1 -p -1 --ports_file_dir "$folder" 2>/dev/null &
server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @nats-io/transport-node@3.3.1

cat > run.cjs <<'END'
const { readdirSync, readFileSync } = require('node:fs');
const { connect } = require('@nats-io/transport-node');
(async () => {
  const file = readdirSync('.').find((name) => name.endsWith('.ports'));
  const nats = await connect({ servers: JSON.parse(readFileSync(file, 'utf8')).nats[0] });
  console.log('@nats-io/transport-node 3.3.1, server', nats.info.version, 'on Node', process.version);
  const bytes = new Uint8Array(4).fill(7);
  const received = new Promise((resolve) => nats.subscribe('a', { callback: (_, { data }) => resolve(data) }));
  nats.publish('a', bytes);
  bytes.fill(9);
  const data = await received;
  console.log('sent 7, then filled with 9; received', data[0], '(expected 7)');
  console.log('is a Buffer:', Buffer.isBuffer(data), '(its type says Uint8Array)');
  process.exitCode = data[0] === 9 && Buffer.isBuffer(data) ? 0 : 1;
  await nats.close();
})();
END
node run.cjs
