import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serve } from '../../../server/src/cli/serve.js';
import { worker } from '../../../server/src/cli/worker.js';
import { readOptions } from '../../../server/src/config/parse.js';
import { flagOf, variableOf } from '../../../server/src/config/option.js';
import { DEPLOY, deployFile, documentsOf, valuesOf, yamlFiles, type Tree } from '../../helpers/deploy-files.js';

const COMMANDS: Readonly<Record<string, typeof serve>> = { serve, worker };
const manifests = yamlFiles('kubernetes').flatMap((file) => documentsOf(file));
const compose = documentsOf('compose.yaml')[0]!;
const services = Object.values(compose['services'] as Record<string, Tree>);

/** Options of a command line as the command itself reads them. */
function read([name, ...argv]: readonly string[]) {
  const { options } = COMMANDS[name!]!.definition;
  return readOptions(name!, options, { argv: argv.map((word) => word.replace(/\$\{\w+:-(.+)\}/, '$1')) })!;
}

const isOurs = (words: readonly string[]) => words[0]! in COMMANDS;
const ofServices = services
  .map((service) => service['command'] as unknown as string[])
  .filter((one) => one && isOurs(one));
const ofPods = valuesOf(manifests, 'args')
  .map((args) => [...args] as string[])
  .filter(isOurs);
const ofUnits = ['underpaint', 'underpaint-worker'].map((unit) =>
  /^ExecStart=.*underpaint\.js (.+)$/m.exec(deployFile(`systemd/${unit}.service`))![1]!.split(' '),
);

describe('the command lines in deploy', () => {
  it('are found', () => {
    expect([ofServices.length, ofPods.length, ofUnits.length]).toEqual([4, 2, 2]);
  });

  it.each([...ofServices, ...ofPods, ...ofUnits])('%s %s: are understood', (...words) => {
    expect(read(words)).toBeDefined();
  });

  it('have variables of the server only', () => {
    const known = Object.values(COMMANDS).flatMap(({ definition: { options } }) =>
      Object.entries(options).map(([key, option]) => variableOf(flagOf(key, option))),
    );
    const texts = ['Dockerfile', 'Dockerfile.cuda', 'systemd/underpaint.service'].map(deployFile);
    const set = texts.flatMap((text) => [...text.matchAll(/\b(UNDERPAINT_\w+)=/g)].map(([, name]) => name!));
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
    expect(set).not.toEqual([]);
  });
});

describe('the time for a stop', () => {
  it('is longer than that of the server', () => {
    const graces = [
      ...services
        .filter((one) => one['command'] && isOurs(one['command']))
        .map((one) => parseInt(one['stop_grace_period']!)),
      ...valuesOf(manifests, 'terminationGracePeriodSeconds').map(Number),
    ];
    const drains = [...ofServices, ...ofPods].map((words) => Number(read(words)['drainSeconds']));
    expect(graces).toHaveLength(drains.length);
    expect(graces.filter((grace, i) => grace <= drains[i]!)).toEqual([]);
  });
});

describe('the pods', () => {
  it('get no variables of the service, whose name is the prefix of our options', () => {
    const ours = manifests.filter(({ kind }) => kind === 'Deployment');
    expect(valuesOf(ours, 'enableServiceLinks')).toEqual(ours.map(() => false));
  });
});

describe('the images', () => {
  it.each(['Dockerfile', 'Dockerfile.cuda'])('%s: start as npm start does', (file) => {
    const { scripts } = JSON.parse(readFileSync(join(DEPLOY, '../package.json'), 'utf8')) as {
      scripts: { start: string };
    };
    const entry = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(deployFile(file))![1]!) as string[];
    const command = JSON.parse(/^CMD (.+)$/m.exec(deployFile(file))![1]!) as string[];
    expect([...entry, ...command].join(' ')).toBe(scripts.start.replace('exec ', ''));
  });
});
