import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddresses, type ProxiesOptions } from '../../../../server/src/transport/client-address.js';
import { UsageError } from '../../../../server/src/errors.js';

function addressOf(options: Partial<ProxiesOptions>, from: string, headers: Record<string, string> = {}): string {
  const request = { socket: { remoteAddress: from }, headers } as unknown as IncomingMessage;
  return clientAddresses({ trustedProxies: [], proxyHeader: 'x-forwarded-for', ...options })(request);
}

describe('the address of a client', () => {
  it('is that of the connection, whatever a header says, without trusted proxies', () => {
    expect(addressOf({}, '192.0.2.1', { 'x-forwarded-for': '198.51.100.7' })).toBe('192.0.2.1');
  });

  it.each([
    ['from a proxy', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['from somebody who is no proxy', '192.0.2.1', '198.51.100.7', '192.0.2.1'],
    ['through two proxies', '10.0.0.1', '198.51.100.7, 10.9.9.9', '198.51.100.7'],
    ['with an address that the client made up', '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['with an address of a proxy that the client made up', '10.0.0.1', '10.0.0.5, 198.51.100.7', '198.51.100.7'],
    ['of IPv6', '10.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['from a proxy whose address is written as IPv6', '::ffff:10.0.0.1', '198.51.100.7', '198.51.100.7'],
  ])('%s', (_name, from, header, address) => {
    expect(addressOf({ trustedProxies: ['10.0.0.0/8'] }, from, { 'x-forwarded-for': header })).toBe(address);
  });

  it('is that of the proxy if it names nobody', () => {
    expect(addressOf({ trustedProxies: ['loopback'] }, '127.0.0.1')).toBe('127.0.0.1');
  });

  it.each([
    ['for=198.51.100.7;proto=https', '198.51.100.7'],
    ['for="198.51.100.7:4711"', '198.51.100.7'],
    ['for="[2001:db8::7]:4711"', '2001:db8::7'],
    ['for=203.0.113.9, for=198.51.100.7;by=10.0.0.1, for=10.0.0.2', '198.51.100.7'],
    ['for=unknown', 'unknown'],
    ['for="broken', '10.0.0.1'],
  ])('in Forwarded %s', (forwarded, address) => {
    const options = { trustedProxies: ['10.0.0.0/8'], proxyHeader: 'forwarded' } as const;
    // A client may send the other header, which such a proxy passes on.
    expect(addressOf(options, '10.0.0.1', { forwarded, 'x-forwarded-for': '203.0.113.1' })).toBe(address);
  });

  it('needs proxies that are addresses or networks', () => {
    expect(() => clientAddresses({ trustedProxies: ['proxy.example'], proxyHeader: 'forwarded' })).toThrow(UsageError);
  });
});
