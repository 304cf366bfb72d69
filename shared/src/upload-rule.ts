/** For this long after its own edit, a client of a room also uploads when others edit. */
export const UPLOAD_WINDOW_MS = 2_000;

/**
 * Decides who uploads the picture of a drawing that several people change at once: a client that edits, and, when
 * others' edits arrive, a client that edited within the last two seconds. As long as a message takes less than a second
 * each way, the author of the very last edit hears within that time of every edit that reached the server before it,
 * and so uploads a frame with every stroke. An edit made without a connection counts as made when it is delivered. If
 * that frame is not the last to arrive, or its author has left, the server asks for another one (`upload`).
 */
export class UploadRule {
  #editedAt = -Infinity;

  /** This person changed the drawing, or a change of theirs reached the others only now: upload. */
  edited(nowMs: number): void {
    this.#editedAt = nowMs;
  }

  /**
   * Others' edits arrived.
   *
   * @returns whether to upload
   */
  arrived(nowMs: number): boolean {
    return nowMs - this.#editedAt <= UPLOAD_WINDOW_MS;
  }
}
