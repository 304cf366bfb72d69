import * as Y from 'yjs';

const documents = new WeakMap<object, Y.Doc>();

/**
 * The Yjs document of a shared drawing. It is no property of the drawing: the declarations of the package would then import
 * those of Yjs, which need TypeScript 5.7.
 */
export function documentOf(drawing: object): Y.Doc {
  const document = documents.get(drawing) ?? new Y.Doc();
  documents.set(drawing, document);
  return document;
}
