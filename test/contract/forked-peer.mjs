/* The child process of the contract test of `link/fork`. */
import { ParentLink } from '../../server/dist/inference/link/fork/parent-link.js';
import { answer } from './link-peer.mjs';

answer(new ParentLink());
