import { describe, expect, it } from 'vitest';
import { socketUrl } from './socket-url.js';

describe('socketUrl', () => {
  it.each([
    ['https://example.org/', 'wss://example.org/ws'],
    ['http://example.org:8080/base/', 'ws://example.org:8080/base/ws'],
    ['wss://example.org/base/ws', 'wss://example.org/base/ws'],
    [new URL('https://example.org/ws'), 'wss://example.org/ws'],
  ])('%s is %s', (server, expected) => {
    expect(String(socketUrl(server))).toBe(expected);
  });

  it('resolves a relative address against the page', () => {
    expect(String(socketUrl('ws'))).toBe(new URL('ws', document.baseURI).href.replace(/^http/, 'ws'));
  });
});
