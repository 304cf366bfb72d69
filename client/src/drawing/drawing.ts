import type { Mark } from './marks.js';

/** A drawing with its history: what was undone can be done again until something new is drawn. */
export class Drawing extends EventTarget {
  #marks: readonly Mark[] = [];
  #undone: readonly Mark[] = [];

  /** In the order they are painted; a new array after every change. */
  get marks(): readonly Mark[] {
    return this.#marks;
  }

  get canUndo(): boolean {
    return this.#marks.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  add(mark: Mark): void {
    this.#become([...this.#marks, mark], []);
  }

  undo(): void {
    const last = this.#marks.at(-1);
    if (last !== undefined) this.#become(this.#marks.slice(0, -1), [...this.#undone, last]);
  }

  redo(): void {
    const next = this.#undone.at(-1);
    if (next !== undefined) this.#become([...this.#marks, next], this.#undone.slice(0, -1));
  }

  /** Empties the sketch; one undo brings it back. */
  clear(): void {
    if (this.#marks.length > 0 && this.#marks.at(-1)?.kind !== 'clear') this.add({ kind: 'clear' });
  }

  /** Replaces everything, history included. */
  load(marks: readonly Mark[]): void {
    this.#become([...marks], []);
  }

  #become(marks: readonly Mark[], undone: readonly Mark[]): void {
    this.#marks = marks;
    this.#undone = undone;
    this.dispatchEvent(new Event('change'));
  }
}
