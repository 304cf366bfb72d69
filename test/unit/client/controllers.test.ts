import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const FOLDER = new URL('../../../client/src/controllers/', import.meta.url);
const ACQUIRES =
  /addEventListener|setTimeout|setInterval|requestAnimationFrame|getUserMedia|createObjectURL|new StreamClient/;
const BASES = /extends (AttachedController|ResourceController)</;
const LIFECYCLE = /\b(hostConnected|hostUpdate|hostUpdated)\(/;

const files = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));

it('controllers that acquire something are tied to the time in the document by a base class', () => {
  const acquiring = files.filter(({ name, text }) => ACQUIRES.test(text) && name !== 'attached-controller.ts');
  expect(acquiring.length).toBeGreaterThan(10);
  expect(acquiring.filter(({ text }) => !BASES.test(text)).map(({ name }) => name)).toEqual([]);
});

it('such controllers leave the lifecycle methods of Lit to the base class', () => {
  const tied = files.filter(({ text }) => BASES.test(text));
  expect(tied.filter(({ text }) => LIFECYCLE.test(text)).map(({ name }) => name)).toEqual([]);
});
