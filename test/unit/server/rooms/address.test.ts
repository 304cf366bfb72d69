import { expect, it } from 'vitest';
import { addressesOf, createOwnerKey } from '../../../../server/src/rooms/address.js';

it('each key gives the lesser ones and opens the same room', () => {
  const asOwner = addressesOf(createOwnerKey())[0]!;
  const asEditor = addressesOf(asOwner.edit!)[1]!;
  const asViewer = addressesOf(asOwner.view)[2]!;
  expect(asEditor).toEqual({ ...asOwner, role: 'editor' });
  expect(asViewer).toEqual({ ...asOwner, role: 'viewer', edit: undefined });
});

it('no key opens more than it should', () => {
  const owner = createOwnerKey();
  const { id, edit, view } = addressesOf(owner)[0]!;
  const opens = (key: string) => addressesOf(key).filter((address) => address.id === id);
  expect([owner, edit!, view, id].map((key) => opens(key).map(({ role }) => role))).toEqual([
    ['owner'],
    ['editor'],
    ['viewer'],
    [],
  ]);
});

it('a key has 128 bits and one spelling', () => {
  const owner = Buffer.alloc(16, 1).toString('base64url');
  expect(owner).toBe('AQEBAQEBAQEBAQEBAQEBAQ');
  expect(addressesOf(owner)).toHaveLength(3);
  for (const wrong of ['', 'AQEBAQEBAQEBAQEBAQEBAR', `${owner}=`, `${owner}AA`, '../etc/passwd', 'AQEB']) {
    expect(addressesOf(wrong)).toEqual([]);
  }
});
