import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PROJECTS } from '../../embed/projects.js';

it('the table of environments in the README has a row for every project that is built and driven', () => {
  const readme = readFileSync(new URL('../../../client/README.md', import.meta.url), 'utf8');
  const rows = readme.slice(readme.indexOf('## Environments'), readme.indexOf('## From npm')).split('\n');
  for (const { title } of Object.values(PROJECTS)) {
    expect(
      rows.some((row) => row.startsWith(`| ${title} |`)),
      title,
    ).toBe(true);
  }
});
