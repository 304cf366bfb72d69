import { UsageError } from '../errors.js';

/*
 * Parsers of hosts, origins and paths. Each takes the written text and the flag or variable it came from, and throws a
 * UsageError.
 */

/** @returns the path with a slash at both ends */
export function parsePath(text: string, source: string): string {
  if (/^\/?([\w.~-]+\/)*[\w.~-]*$/.test(text) && !text.includes('..')) return `/${text}/`.replaceAll(/\/+/g, '/');
  throw new UsageError(`${source} must be a path such as /paint, not "${text}"`);
}

/** Reads `paint.example.org`, `*.example.org` or `*`; other alphabets become Punycode. */
export function parseHost(written: string, source: string): string {
  const text = written.toLowerCase();
  const name = text.replace(/^\*\./, '');
  if (text === '*') return text;
  if (/^[^\s/\\?#@:[\]*]+$/.test(name) && URL.canParse(`http://${name}`)) {
    return text.slice(0, -name.length) + new URL(`http://${name}`).hostname;
  }
  throw new UsageError(`${source} must be names such as paint.example.org, without scheme and port, not "${text}"`);
}

/** Reads `https://example.org` or `*`; a path is left out. */
export function parseOrigin(text: string, source: string): string {
  if (text === '*') return text;
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin !== 'null') return origin;
  throw new UsageError(`${source} must be origins such as https://example.org, not "${text}"`);
}
