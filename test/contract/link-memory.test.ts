import { MemoryLink } from '../helpers/memory-link.js';
import { linkContract, TEST_MAX_QUEUED, type Answer, type Ask } from './link.js';
import { answer } from './link-peer.mjs';

linkContract('memory', () => {
  const [link, peer] = MemoryLink.pair<Ask, Answer>(TEST_MAX_QUEUED);
  answer(peer);
  const peerEnded = new Promise((resolve) => peer.onEnd(resolve));
  return { link, stall: () => peer.stall(), crash: () => peer.end('crashed'), peerEnded: () => peerEnded };
});
