import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PARAMS } from '../shared/dist/params.js';

/*
 * Writes the tables of messages in PROTOCOL.md from their definitions in shared/src/messages.
 * With --check it writes nothing, and fails if a table is out of date.
 */

const SOURCES = ['session', 'parameters', 'frames', 'rooms'];
const FILE = fileURLToPath(new URL('PROTOCOL.md', import.meta.url));

/** A field with its kind, for a person. */
function describe(name, kind) {
  return `\`${name}\` ${inWords(kind)}`;
}

function inWords(kind) {
  if (kind === 'params') return 'all parameters';
  if (kind === 'patch')
    return `{${Object.keys(DEFAULT_PARAMS)
      .map((name) => `\`${name}?\``)
      .join(' ')}}`;
  if (kind === 'ranges') return 'the range of each parameter';
  if (typeof kind === 'string') return kind;
  if (kind.maxBytes) return `binary, at most ${kind.maxBytes} bytes`;
  if (kind.oneOf) return kind.oneOf.map((word) => `\`${word}\``).join(' or ');
  if (kind.nullable) return `${kind.nullable} or null`;
  if (kind.listOf) return `list of ${inWords(kind.listOf)}`;
  return `{${fieldsOf(kind)}}`;
}

function fieldsOf({ fields, optional = {} }) {
  return [
    ...Object.entries(fields).map(([name, kind]) => describe(name, kind)),
    ...Object.entries(optional).map(([name, kind]) => describe(`${name}?`, kind)),
  ].join(', ');
}

/** The comments on the messages of one direction, by type. */
function commentsIn(source, direction) {
  const from = source.indexOf(`export const ${direction} = {`);
  const block = source.slice(from, source.indexOf('\n} as const', from));
  return new Map([...block.matchAll(/^  \/\*\* (.+) \*\/\n  (\w+):/gm)].map(([, comment, type]) => [type, comment]));
}

async function rowsOf(name, direction) {
  const definitions = (await import(`../shared/dist/messages/${name}.js`))[direction];
  const source = readFileSync(new URL(`../shared/src/messages/${name}.ts`, import.meta.url), 'utf8');
  const comments = commentsIn(source, direction);
  return Object.entries(definitions).map(([type, shape]) => {
    const comment = comments.get(type);
    if (!comment) throw new Error(`${name}.ts has no comment of one line on ${type} in ${direction}`);
    return `| \`${type}\` | ${fieldsOf(shape)} | ${comment} |`;
  });
}

async function tableOf(direction) {
  const rows = await Promise.all(SOURCES.map((name) => rowsOf(name, direction)));
  return ['| type | fields | meaning |', '|---|---|---|', ...rows.flat()].join('\n');
}

/** Replaces everything between the marks of a table. */
function withTable(text, name, table) {
  const start = `<!-- messages: ${name} -->`;
  const from = text.indexOf(start) + start.length;
  if (from < start.length) throw new Error(`PROTOCOL.md has no mark "messages: ${name}"`);
  return `${text.slice(0, from)}\n\n${table}\n\n${text.slice(text.indexOf('<!-- end -->', from))}`;
}

const before = readFileSync(FILE, 'utf8');
const after = withTable(
  withTable(before, 'from clients', await tableOf('FROM_CLIENT')),
  'from the server',
  await tableOf('FROM_SERVER'),
);
if (!process.argv.includes('--check')) writeFileSync(FILE, after);
else if (before !== after) {
  console.error('The tables of messages in docs/PROTOCOL.md are out of date. Run `npm run docs:protocol`.');
  process.exitCode = 1;
}
