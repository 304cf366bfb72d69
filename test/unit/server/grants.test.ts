import { describe, expect, it } from 'vitest';
import { Grants, type Grantee } from '../../../server/src/inference/sharing/grants.js';

/** A gateway that counts. */
class FakeGateway implements Grantee {
  granted = 0;
  recalled = 0;
  grant = (count: number) => void (this.granted += count);
  recall = (count: number) => void (this.recalled += count);
}

function create(count: number) {
  const grants = new Grants<FakeGateway>();
  const gateways = Array.from({ length: count }, () => new FakeGateway());
  for (const gateway of gateways) grants.add(gateway);
  const ask = (gateway: FakeGateway, ready: number, drawing = ready) =>
    grants.setDemand(gateway, { ready, drawing, usedMs: 0 });
  return { grants, gateways: gateways as [FakeGateway, FakeGateway], ask };
}

describe('grants', () => {
  it('give everything ahead while nobody waits, in equal parts', () => {
    const { grants, gateways } = create(2);
    grants.distribute(8);
    expect(gateways.map(({ granted }) => granted)).toEqual([4, 4]);
    grants.distribute(8);
    expect(gateways.map(({ granted }) => granted)).toEqual([4, 4]);
  });

  it('go to those who wait first', () => {
    const { grants, gateways, ask } = create(2);
    ask(gateways[1], 5);
    grants.distribute(4);
    expect(gateways.map(({ granted }) => granted)).toEqual([0, 4]);
  });

  it('are asked back from one who does not use them, as many as another needs', () => {
    const { grants, gateways, ask } = create(2);
    grants.distribute(8);
    const [a, b] = gateways;
    ask(b, 6);
    grants.distribute(8);
    expect([a.recalled, b.recalled]).toEqual([2, 0]);
    grants.distribute(8);
    expect(a.recalled).toBe(2);
    grants.returned(a, 2, 2);
    grants.distribute(8);
    expect(b.granted).toBe(6);
  });

  it('that were used before the recall came are not asked back twice', () => {
    const { grants, gateways, ask } = create(2);
    grants.distribute(2);
    const [a, b] = gateways;
    ask(b, 2);
    grants.distribute(2);
    grants.use(a, 10);
    grants.returned(a, 0, 1);
    grants.distribute(1);
    expect([a.recalled, b.granted, grants.held]).toEqual([1, 1, 1]);
  });

  it('of a gateway that is gone are free again', () => {
    const { grants, gateways, ask } = create(2);
    const [a, b] = gateways;
    ask(a, 3);
    grants.distribute(3);
    ask(b, 3);
    grants.delete(a);
    grants.distribute(3);
    expect(b.granted).toBe(3);
  });

  it('make up for little of what a gateway did not ask for', () => {
    const { grants, gateways } = create(2);
    const [busy, back] = gateways;
    const serve = (asking: readonly FakeGateway[]) => {
      for (const one of asking) grants.setDemand(one, { ready: 1, drawing: 1, usedMs: 10 * one.granted });
      const before = back.granted;
      grants.distribute(1);
      grants.use(back.granted > before ? back : busy, 10);
    };
    for (let i = 0; i < 100; i++) serve([busy]);
    for (let i = 0; i < 20; i++) serve([busy, back]);
    expect(back.granted).toBeGreaterThanOrEqual(9);
    expect(back.granted).toBeLessThanOrEqual(12);
  });
});
