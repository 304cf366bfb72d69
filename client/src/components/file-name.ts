const MAX_LENGTH = 60;

/** A file name from the words of a picture: "misty mountains" becomes misty-mountains.jpg. @param extension with its dot */
export function fileNameOf(words: string, extension: string): string {
  const name = words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, '');
  return (name || 'underpaint') + extension;
}
