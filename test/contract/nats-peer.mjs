/* The process at the other end of the contract test of `link/nats`. It ends when it has noticed the end of its link. */
import { connectNats } from '../../server/dist/broker/nats.js';
import { NatsLink } from '../../server/dist/inference/link/nats/nats-link.js';
import { answer } from './link-peer.mjs';

const log = { warn() {}, info() {}, error() {} };
const [url, id] = process.argv.slice(2);
const broker = await connectNats({ url, creds: '', name: 'peer', log });
const link = new NatsLink({ broker, id, end: 'worker' });
answer(link);
link.onEnd(() => void broker.close().then(() => process.exit()));
process.send('open');
