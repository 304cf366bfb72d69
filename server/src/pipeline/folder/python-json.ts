import { randomUUID } from 'node:crypto';

/*
 * Python's `json` writes three numbers that JSON cannot express: NaN, Infinity and -Infinity. Schedulers of diffusers
 * have some of them (`lambda_min_clipped`).
 */

/**
 * Parses JSON as Python writes it. `NaN`, `Infinity` and `-Infinity` are numbers in place of a value; inside strings
 * they are text.
 *
 * @throws SyntaxError when it is neither JSON nor Python's
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseWithNumbers(text);
  }
}

function parseWithNumbers(text: string): unknown {
  // No text can contain these names, because they are random.
  const numbers = new Map([NaN, Infinity, -Infinity].map((number) => [`${number} ${randomUUID()}`, number]));
  const names = new Map([...numbers].map(([name, number]) => [String(number), JSON.stringify(name)]));
  const named = replaceOutsideStrings(text, (word) => names.get(word)!);
  return JSON.parse(named, (key, value: unknown) => {
    if (numbers.has(key)) throw new SyntaxError('there is a number in place of a name');
    return typeof value === 'string' ? (numbers.get(value) ?? value) : value;
  });
}

/** One pass over the text, so that its cost grows with its length alone. */
function replaceOutsideStrings(text: string, replace: (word: string) => string): string {
  let result = '';
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const open = quote < 0 ? text.length : quote;
    result += text
      .slice(at, open)
      .replace(/-?\b(?:Infinity|NaN)\b/g, (word) => (word === '-NaN' ? word : replace(word)));
    at = endOfString(text, open);
    result += text.slice(open, at);
  }
  return result;
}

/** The index after the string that begins at `open`. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
