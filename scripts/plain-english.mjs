// Counts turns of phrase that make our prose hard to read, such as "what is refused leaves it as it was", in 1 000 words
// of comments, of messages and of documents, and fails when there are too many.
//
//   node scripts/plain-english.mjs              the whole repository
//   node scripts/plain-english.mjs PATH ...     some files or folders only
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { extensions, readProse } from './prose.mjs';

/** As many as this in 1 000 words pass: `ws` has 0.2 in its comments. */
const limit = 0.3;

const verb =
  '(?:is|are|was|were|has|have|had|does|do|did|can|may|must|will|would|should|could|cannot|needs?|wants?|' +
  'comes?|came|goes|went|gets?|got|gives?|gave|makes?|made|takes?|took|stands?|stood|lies|lie|lay|sends?|sent|' +
  'draws?|drew|reads?|looks?|looked|holds?|held|keeps?|kept|costs?|asks?|asked|says?|said|knows?|knew|' +
  'leaves?|left|waits?|waited|runs?|ran|works?|changes?|changed|follows?|followed|loads?|loaded|shows?|showed|' +
  'fails?|failed|fits?|serves?|served|paints?|painted|belongs?|arrives?|arrived|happens?|happened|' +
  'joins?|joined|returns?|returned|breaks?|broke|falls?|fell|uses?|used|opens?|opened|watches|watched)';

/** Each habit has a name, an example and a pattern; a pattern is tried on a passage whose white space is single. */
export const habits = [
  {
    name: 'a clause for a noun',
    example: 'what is refused leaves the document as it was',
    pattern: new RegExp(
      // Not the later parts of "says what is wrong, and what to do".
      '(?<!\\b(?:says?|said|tells?|knows?|shows?|checks?|decides?|states?|explains?|see|prints?|ask) (?:what|who|which|how|why|where|whether)\\b[^.;:]*)' +
        '(?:^|[.;:(!|]\\s*|,\\s*(?=wha)|\\b(?:of|for|to|in|on|by|and|or|but|with|from|than|as|at|into|over|all|is|are|was|only|while|when|if|that|so)\\s+)' +
        `(?:what|who|whoever|whose|whatever)(?: else| only| never| no longer| once| still)?(?: (?!to )[a-z]+)? ${verb}\\b(?![^.!]*\\?)`,
      'gi',
    ),
  },
  {
    name: 'a cleft sentence',
    example: 'that is where the frame goes',
    pattern: /\b(?:that|this|it|which|here|there) (?:is|was|are) (?:what|who|where|how|when) /gi,
  },
  {
    name: 'what there is',
    example: 'a member sees what there is',
    pattern: /\bwhat (?:there (?:is|was|are)|little|few|comes)\b/gi,
  },
  {
    name: 'none as a complement',
    example: 'when the patch is none',
    pattern: /(?<!\bthere )\b(?:is|was|are|were) none\b/gi,
  },
  {
    name: 'an impersonal passive',
    example: 'it is measured how many workers there should be',
    pattern:
      /\b(?:it|there) (?:is|was) (?:\w+ed|said|told|seen|known|shown|found|made sure) (?:how|what|whether|which|who|where|that)\b/gi,
  },
  {
    name: 'a passive with its particle left over',
    example: 'is gone on with',
    pattern:
      /\b(?:is|are|was|were|be|been) (?:gone on with|not to be|to be \w+ed by|made sure of|looked through|seen to|done without)\b/gi,
  },
  {
    name: 'standing and lying',
    example: 'the device stands in the log line',
    pattern: /\b(?:stands|stood|stand) (?:in the|there|beside|before)\b(?! (?:for|of)\b)|\blies? beside\b/gi,
  },
  {
    name: 'at the most',
    example: 'five pictures at the most',
    pattern: /\bat the most\b|\bat the least[.,;)]/gi,
  },
];

/**
 * @param {string} path @param {string} source
 * @returns {{kind: string, words: number, found: {line: number, habit: string, text: string}[]}[]} one for each passage
 */
export function measure(path, source) {
  return readProse(path, source).map(({ kind, text, line }) => {
    // Same length, so that a position in `flat` is a position in `text`; code in back quotes is one word.
    const flat = text.replace(/`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, 'x')).replace(/[\n*_"'[\]]/g, ' ');
    const squeezed = squeeze(flat);
    const found = habits.flatMap(({ name, pattern }) =>
      [...squeezed.text.matchAll(pattern)].map((match) => {
        const start = squeezed.positions[match.index];
        return {
          line: line + text.slice(0, start).split('\n').length - 1,
          habit: name,
          text: squeezed.text.slice(Math.max(0, match.index - 20), match.index + match[0].length + 30).trim(),
        };
      }),
    );
    return { kind, words: squeezed.text.match(/[a-z][\w’'-]*/gi)?.length ?? 0, found: oncePerPlace(found) };
  });
}

/** Runs of white space become one space; `positions` leads back. */
function squeeze(text) {
  const positions = [];
  let squeezed = '';
  for (let at = 0; at < text.length; at++) {
    const space = /\s/.test(text[at]);
    if (space && (squeezed === '' || squeezed.endsWith(' '))) continue;
    squeezed += space ? ' ' : text[at];
    positions.push(at);
  }
  return { text: squeezed, positions };
}

/** Two habits in one place count once. */
function oncePerPlace(found) {
  const places = new Set();
  return found.filter(({ line, text }) => {
    const place = `${line} ${text.slice(0, 12)}`;
    return !places.has(place) && places.add(place);
  });
}

/** This file and its test quote what they look for. */
const isAboutHabits = (file) => file.includes('plain-english');

/** Files of the repository that are ours and hold prose. */
function listFiles(paths) {
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...paths], { encoding: 'utf8' });
  return tracked
    .split('\n')
    .filter((file) => !isAboutHabits(file) && (extensions.includes(extname(file)) || file.startsWith('.ci/')));
}

function main(paths) {
  const totals = new Map();
  const offenders = [];
  for (const file of listFiles(paths)) {
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    for (const { kind, words, found } of measure(file, readFileSync(file, 'utf8'))) {
      const total = totals.get(kind) ?? { words: 0, habits: 0 };
      totals.set(kind, { words: total.words + words, habits: total.habits + found.length });
      offenders.push(...found.map((one) => `${file}:${one.line}: ${one.habit}: ... ${one.text} ...`));
    }
  }
  for (const line of offenders) console.log(line);
  let passed = true;
  for (const [kind, { words, habits: count }] of totals) {
    const rate = (1000 * count) / Math.max(words, 1);
    passed &&= rate <= limit;
    console.log(`${kind}: ${rate.toFixed(2)} in 1 000 words (${count} in ${words}; at most ${limit})`);
  }
  if (!passed) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
