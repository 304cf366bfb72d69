/** An idea of the server's model. */
export interface IdeaCard {
  readonly words: string;
  /** The address of the model's picture. */
  readonly picture: string;
  /** The address of the drawing's file. */
  readonly file: string;
}

/** @param page the server's page, with a slash at its end. @returns an empty list if the model has no ideas */
export async function listIdeas(page: string): Promise<readonly IdeaCard[]> {
  const response = await fetch(`${page}ideas`).catch(() => null);
  const list: unknown = response?.ok === true ? await response.json().catch(() => null) : null;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { name, words } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || typeof words !== 'string') return [];
    const base = `${page}ideas/${encodeURIComponent(name)}`;
    return [{ words, picture: `${base}.webp`, file: `${base}.underpaint` }];
  });
}
