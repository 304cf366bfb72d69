/**
 * The class that a prompt names by its number, for models of pictures of numbered kinds.
 *
 * @param classes how many there are; undefined for a model that is told none
 * @returns undefined when the prompt names none
 */
export function classOf(prompt: string, classes: number | undefined): number | undefined {
  const text = prompt.trim();
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  return number < (classes ?? 0) ? number : undefined;
}
