import { parseArgs } from 'node:util';
import { ModelError } from '../pipeline/errors.js';
import { caseNames, runCase, type CaseResult } from './parity/cases.js';
import { runChecks, type Check } from './parity/checks.js';

/*
 * `npm run parity -- DIR [--json]`: our pipeline against recorded output of diffusers, in a folder that holds graphs,
 * tables and whole runs with their noise.
 */

const PIXELS_TOLERANCE = 2;

interface Report {
  readonly cases: readonly CaseResult[];
  readonly skipped: readonly string[];
  readonly checks: readonly Check[];
}

async function compareFolder(dir: string): Promise<Report> {
  const cases: CaseResult[] = [];
  const skipped: string[] = [];
  for (const name of await caseNames(dir)) {
    const result = await runCase(dir, name);
    if (result) cases.push(result);
    else skipped.push(name);
  }
  return { cases, skipped, checks: await runChecks(dir) };
}

function summary({ cases, skipped, checks }: Report): object {
  return {
    cases: cases.map(({ name }) => name),
    skipped,
    latentsMax: worst(cases.map(({ latentsMax }) => latentsMax)),
    pixelsMax: worst(cases.map(({ pixelsMax }) => pixelsMax)),
    checks,
  };
}

function worst(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function isWithinTolerance({ cases, checks }: Report): boolean {
  return (
    cases.length > 0 &&
    cases.every(
      ({ latentsMax, latentsTolerance, pixelsMax }) => latentsMax <= latentsTolerance && pixelsMax <= PIXELS_TOLERANCE,
    ) &&
    checks.every((check) => check.worst <= check.tolerance)
  );
}

function table({ cases, skipped, checks }: Report): string {
  return [
    'case                          latents    pixels/255',
    ...cases.map((c) => `${c.name.padEnd(28)}  ${c.latentsMax.toExponential(2)}   ${c.pixelsMax}`),
    ...skipped.map((name) => `${name.padEnd(28)}  skipped: not a kind that is served`),
    '',
    ...checks.map(({ name, worst: value, tolerance }) => `${name}: ${value.toPrecision(3)} (at most ${tolerance})`),
  ].join('\n');
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [dir, ...rest] = positionals;
  if (!dir || rest.length > 0) throw new ModelError('name one folder: npm run parity -- DIR [--json]');
  const report = await compareFolder(dir);
  const passed = isWithinTolerance(report);
  if (values.json) console.log(JSON.stringify(summary(report)));
  else console.log(`${table(report)}\n\n${passed ? 'within tolerance' : 'NOT within tolerance'}`);
  return passed ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof ModelError || (error instanceof TypeError && 'code' in error);
  if (!isUsage) throw error;
  console.error(`parity: ${error.message}`);
  process.exitCode = 2;
}
