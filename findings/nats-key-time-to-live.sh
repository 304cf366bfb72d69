#!/bin/sh
# nats-server 2.9 (Debian 12) ignores the time to live of a key, and @nats-io/kv 3.3.1 does not say so.
# The bucket is made, the key is written with its time, and both calls succeed; the key stays for ever. A lease built on it
# never ends. The server drops the settings it does not know (2.11 has them), and the client does not ask for its version.
# Workaround: a lease is renewed by writing to it, and others judge by how long its revision has stood still.
# Needs Debian 12 for the package of nats-server.
set -eu
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nats-server=2.9.10-1+b3
dpkg -x nats-server_*.deb .
npm install --silent --no-audit --no-fund --ignore-scripts @nats-io/transport-node@3.3.1 @nats-io/kv@3.3.1
./usr/sbin/nats-server -a 127.0.0.1 -p -1 -js -sd "$folder/store" --ports_file_dir "$folder" -l log &
server=$!
until ls nats-server_*.ports >/dev/null 2>&1; do sleep 0.1; done

cat > run.mjs <<'END'
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { Kvm } from '@nats-io/kv';

const ports = readdirSync('.').find((name) => name.endsWith('.ports'));
const connection = await connect({ servers: JSON.parse(readFileSync(ports, 'utf8')).nats[0] });
console.log('nats-server', connection.info.version, 'on Node', process.version);
const bucket = await new Kvm(connection).create('leases', { markerTTL: 2_000 });
const { config } = (await bucket.status()).streamInfo;
console.log('a bucket with markerTTL is made; its stream has allow_msg_ttl:', config.allow_msg_ttl, '(expected: true, or an error)');
await bucket.create('room', 'gateway 1', '1s');
await setTimeout(4_000);
const kept = (await bucket.get('room'))?.string();
console.log('a key of 1 s, after 4 s:', kept, '(expected: no key)');
await connection.close();
process.exitCode = config.allow_msg_ttl === undefined && kept === 'gateway 1' ? 0 : 1;
END
node run.mjs
