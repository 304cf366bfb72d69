import '../components/studio-elements.js';
import type { EarlyDesk } from './early.js';

/** The shell goes after this time even if the browser has not answered whether it keeps a drawing. */
const PATIENCE_MS = 3_000;

/** Puts what the person has done so far into the studio, and shows that instead of the shell. */
export async function takeOver(early: EarlyDesk): Promise<void> {
  const studio = document.querySelector('underpaint-studio')!;
  await studio.updateComplete;
  // A kept drawing would replace strokes made before it.
  const placed = new Promise((resolve) => studio.sketch.addEventListener('up-sheet', resolve, { once: true }));
  await Promise.race([placed, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  await studio.updateComplete;
  const controls = studio.renderRoot.querySelector('underpaint-controls');
  await controls?.updateComplete;
  const { words, marks, isTyping } = await early.end();
  // The people in a room have a drawing and words already.
  if (studio.room !== '') return;
  for (const mark of marks) studio.sketch.drawing.add(mark);
  if (words !== '') studio.params = { prompt: words };
  await controls?.updateComplete;
  if (isTyping) controls?.renderRoot.querySelector<HTMLElement>('.prompt input')?.focus();
}
