import { beforeEach, describe, expect, it } from 'vitest';
import { Gate, type GateOptions } from '../../../../server/src/transport/gate.js';

let logged: { fields: object; message: string }[];
let nowMs: number;
beforeEach(() => {
  logged = [];
  nowMs = 0;
});

function gate(settings: Partial<GateOptions> = {}): Gate {
  return new Gate({
    allowedHosts: [],
    allowedOrigins: [],
    host: '0.0.0.0',
    isTls: false,
    isPass: (pass) => pass === 'ours',
    log: { warn: (fields: object, message: string) => void logged.push({ fields, message }) } as never,
    now: () => nowMs,
    ...settings,
  });
}

describe('a host', () => {
  it.each([
    [undefined],
    ['127.0.0.1'],
    ['127.0.0.1:8080'],
    ['192.168.1.7:8080'],
    ['[::1]:8080'],
    ['localhost'],
    ['LOCALHOST:8080'],
    ['localhost.:8080'],
    ['paint.localhost'],
  ])('%s passes', (authority) => {
    expect(gate().isAllowedHost({ authority })).toBe(true);
  });

  it.each(['rebound.example', 'rebound.example:8080', 'localhost.rebound.example', '127.0.0.1.rebound.example'])(
    '%s is refused until it is allowed',
    (authority) => {
      expect(gate().isAllowedHost({ authority })).toBe(false);
      const allowedHosts = [authority.replace(/:.*/, '')];
      expect(gate({ allowedHosts }).isAllowedHost({ authority: authority.toUpperCase() })).toBe(true);
    },
  );

  it.each<[string, Partial<GateOptions>, boolean]>([
    ['a name below one that is allowed', { allowedHosts: ['*.example'] }, true],
    ['a name that only ends alike', { allowedHosts: ['*.aint.example'] }, false],
    ['any name', { allowedHosts: ['*'] }, true],
    ['the host of an allowed origin', { allowedOrigins: ['https://paint.example'] }, true],
    ['any host where every origin is allowed', { allowedOrigins: ['*'] }, true],
    ['the name that is listened on', { host: 'Paint.example' }, true],
  ])('%s', (_name, settings, isAllowed) => {
    expect(gate(settings).isAllowedHost({ authority: 'paint.example:8080' })).toBe(isAllowed);
  });
});

describe('an origin', () => {
  const isAllowed = (origin: string, authority: string | undefined, settings: Partial<GateOptions> = {}) =>
    gate(settings).isAllowedOrigin({ authority, origin });

  it('is missing if no page asks', () => {
    expect(gate().isAllowedOrigin({ authority: 'a', origin: undefined })).toBe(true);
  });

  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1:8080', false],
    ['http://a', 'a:80', false],
    ['http://a:80', 'a', false],
    ['http://A', 'a', false],
    ['http://a', 'A:80', false],
    ['https://a', 'a:443', true],
    ['https://a:443', 'A', true],
    ['http://[::1]:81', '[0:0:0:0:0:0:0:1]:81', false],
  ])('%s is that of %s', (origin, authority, isTls) => {
    expect(isAllowed(origin, authority, { isTls })).toBe(true);
  });

  it.each([
    ['http://a', 'b', false],
    ['http://a:81', 'a', false],
    ['https://a', 'a', false],
    ['http://a', 'a', true],
    ['https://a', 'a:80', true],
    ['null', 'a', false],
    ['a', 'a', false],
    ['http://a', undefined, false],
  ])('%s is not that of %s', (origin, authority, isTls) => {
    expect(isAllowed(origin, authority, { isTls })).toBe(false);
  });

  it('may be https under an allowed name, because a proxy in front may end TLS', () => {
    const settings = { allowedHosts: ['paint.example'] };
    expect(isAllowed('https://paint.example', 'paint.example', settings)).toBe(true);
    expect(isAllowed('http://paint.example', 'paint.example', settings)).toBe(true);
    expect(isAllowed('https://paint.example:8443', 'paint.example:8443', settings)).toBe(true);
    expect(isAllowed('https://other.example', 'paint.example', settings)).toBe(false);
    expect(isAllowed('ftp://paint.example', 'paint.example', settings)).toBe(false);
  });

  it.each([
    ['https://friend.example', ['https://friend.example'], true],
    ['https://FRIEND.example:443', ['https://friend.example'], true],
    ['http://friend.example', ['https://friend.example'], false],
    ['null', ['*'], true],
  ])('%s where %j are allowed', (origin, allowedOrigins, allowed) => {
    expect(isAllowed(origin, '127.0.0.1', { allowedOrigins })).toBe(allowed);
  });
});

describe('the log', () => {
  it('says once a minute what to set', () => {
    const one = gate();
    for (; nowMs < 119_000; nowMs += 1_000) {
      one.isAllowedHost({ authority: 'paint.example:8080' });
      one.isAllowedOrigin({ authority: '127.0.0.1', origin: 'https://friend.example:443' });
      one.isAllowedOrigin({ authority: 'paint.example', origin: 'https://paint.example' });
    }
    expect(logged.map(({ message }) => message)).toEqual([
      expect.stringContaining('--allowed-hosts paint.example'),
      expect.stringContaining('--allowed-origins https://friend.example'),
      expect.stringContaining('--allowed-hosts paint.example'),
      expect.stringContaining('--allowed-origins https://friend.example'),
    ]);
    expect(logged[1]!.fields).toEqual({ origin: 'https://friend.example:443', host: '127.0.0.1' });
  });

  it('names allowed hosts for a page that differs only in its scheme', () => {
    gate().isAllowedOrigin({ authority: 'paint.example', origin: 'https://paint.example' });
    expect(logged[0]!.message).toContain('--allowed-hosts paint.example');
  });

  it('names allowed origins for a page on another port of the same host', () => {
    gate().isAllowedOrigin({ authority: 'localhost:8080', origin: 'http://localhost:5173' });
    expect(logged[0]!.message).toContain('--allowed-origins http://localhost:5173');
  });

  it('is short, whatever a stranger writes', () => {
    gate().isAllowedHost({ authority: `${'a'.repeat(5_000)}.example` });
    expect(JSON.stringify(logged).length).toBeLessThan(1_000);
  });
});
