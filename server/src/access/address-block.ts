import ipaddr from 'ipaddr.js';

/** Of an IPv6 address, the provider gives this much to one household or machine, which chooses the rest itself. */
const IPV6_BITS = 64;

/**
 * What counts as one address: an IPv4 address, or a /64 of IPv6. An IPv4 address that is written as IPv6 is the same as the
 * plain one.
 */
export function addressBlock(address: string): string {
  // With a zone, as fe80::1%eth0, it is still the same address.
  const plain = address.replace(/%.*$/, '');
  if (!ipaddr.isValid(plain)) return address;
  const parsed = ipaddr.process(plain);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, IPV6_BITS / 16)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
