import { vi } from 'vitest';

/** A wait ends when the event comes; it fails much later than on an idle machine. */
const PATIENCE_MS = 8_000;

const { waitFor } = vi;
vi.waitFor = (callback, options = { timeout: PATIENCE_MS }) => waitFor(callback, options);
