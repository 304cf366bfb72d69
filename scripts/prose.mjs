// The prose of a file: its comments, docstrings, messages and paragraphs, each with its line. Code is left out.
import { extname } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {object} Passage
 * @property {'comments' | 'strings' | 'documents'} kind
 * @property {string} text one line of text or several
 * @property {number} line the line on which `text` begins, from 1
 */

const readers = new Map([
  ['.ts', readTypeScript],
  ['.js', readTypeScript],
  ['.mjs', readTypeScript],
  ['.jsx', readTypeScript],
  ['.py', readPython],
  ['.md', readMarkdown],
  ['.html', readHtml],
  ['.css', readCss],
  ['.sh', readShell],
]);

export const extensions = [...readers.keys()];

/**
 * @param {string} path decides how the file is read
 * @param {string} source the file's contents
 * @returns {Passage[]}
 */
export function readProse(path, source) {
  const read = readers.get(extname(path)) ?? readShell;
  const passages = read(source, path);
  return joinNeighbours(passages.filter(({ text }) => /[a-z]/i.test(text)));
}

/** Line comments that follow each other are one passage, as a sentence may run over them. */
function joinNeighbours(passages) {
  const joined = [];
  for (const passage of passages.sort((a, b) => a.line - b.line)) {
    const last = joined.at(-1);
    const follows = last?.kind === 'comments' && last.line + last.text.split('\n').length === passage.line;
    if (follows && passage.kind === 'comments') last.text += `\n${passage.text}`;
    else joined.push({ ...passage });
  }
  return joined;
}

function readTypeScript(source, path) {
  const language = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, language);
  const lineAt = (position) => file.getLineAndCharacterOfPosition(position).line + 1;
  const comments = new Map();
  const strings = [];
  const visit = (node) => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.end) ?? []),
    ];
    if (!ts.isJsxText(node)) for (const range of ranges) comments.set(range.pos, source.slice(range.pos, range.end));
    const text = stringText(node);
    if (text !== undefined && isSentence(text)) {
      strings.push({ kind: 'strings', text, line: lineAt(node.getStart(file)) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const ends = ts.getLeadingCommentRanges(source, file.endOfFileToken.pos) ?? [];
  for (const range of ends) comments.set(range.pos, source.slice(range.pos, range.end));
  return [
    ...[...comments].map(([position, text]) => ({
      kind: 'comments',
      text: text.replace(/^\/\*+|\*+\/$|^\/\/\/?/g, ' ').replace(/^\s*\*+/gm, ' '),
      line: lineAt(position),
    })),
    ...strings,
  ];
}

/** The text of a string literal, or of a template with `x` for each value put in. */
function stringText(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return withoutTags(node.text);
  if (ts.isJsxText(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return withoutTags([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('x'));
}

/** Words with spaces between them: names, paths, selectors and the like are no prose. */
function isSentence(text) {
  return /[a-z]+[,:;]? +[a-z`'"(]+[ .,]+[a-z]/i.test(text) && !/[{};]\s*$|^\s*[.#@:]|=>|--[a-z-]+: /m.test(text);
}

const pythonToken =
  /(?<triple>[rbfuRBFU]{0,2}("""|''')[\s\S]*?\2)|(?<plain>[rbfuRBFU]{0,2}(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(?<comment>#[^\n]*)/g;

function readPython(source) {
  return [...source.matchAll(pythonToken)].flatMap((match) => {
    const { triple, plain, comment } = match.groups;
    const line = source.slice(0, match.index).split('\n').length;
    if (comment !== undefined) return [{ kind: 'comments', text: comment.replace(/^#+!?/, ' '), line }];
    if (triple !== undefined)
      return [{ kind: 'comments', text: triple.replace(/^\w*("""|''')|("""|''')$/g, ' '), line }];
    const text = plain.replace(/^\w*["']|["']$/g, '');
    return isSentence(text) ? [{ kind: 'strings', text, line }] : [];
  });
}

/** Paragraphs, list items and cells, without blocks of code and the targets of links. */
function readMarkdown(source) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const text = source
    .replace(/^---\n[\s\S]*?\n---\n/, blank)
    .replace(/^( *)```[^\n]*\n([\s\S]*?)^ *```/gm, (block) =>
      block.replace(/^.*$/gm, (line) => /[^&]#( .*)$/.exec(line)?.[1] ?? ''),
    )
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/<[^>\n]+>/g, ' ');
  return paragraphs(text, 'documents');
}

function readHtml(source) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const text = source.replace(/<(script|style)[\s\S]*?<\/\1>/g, blank);
  return paragraphs(withoutTags(text), 'documents');
}

function paragraphs(text, kind) {
  const passages = [];
  for (const match of text.matchAll(/(?:[^\n]*\S[^\n]*\n?)+/g)) {
    passages.push({ kind, text: match[0], line: text.slice(0, match.index).split('\n').length });
  }
  return passages;
}

function withoutTags(text) {
  return text.replace(/<!--|-->/g, ' ').replace(/<\/?[a-z][^<>]*>/gi, (tag) => tag.replace(/[^\n]/g, ' '));
}

function readCss(source) {
  return [...source.matchAll(/\/\*([\s\S]*?)\*\//g)].map((match) => ({
    kind: 'comments',
    text: match[1],
    line: source.slice(0, match.index).split('\n').length,
  }));
}

function readShell(source) {
  return [...source.matchAll(/^(.*?\s)?#(?!!)(.*)$/gm)].map((match) => ({
    kind: 'comments',
    text: match[2],
    line: source.slice(0, match.index).split('\n').length,
  }));
}
