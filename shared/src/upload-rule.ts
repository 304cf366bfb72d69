/** How long after an own edit others' edits make a client of a room upload again. */
export const UPLOAD_WINDOW_MS = 2_000;

/**
 * Who uploads the picture of a drawing that several people change at once: whoever edits, and also whoever edited within
 * the last two seconds when others' edits arrive. The author of the very last edit hears within that time of every edit
 * that reached the server before it, as long as a message takes less than a second each way, and so uploads a frame that
 * holds every stroke. An edit made without a connection counts as made when it is delivered. Where that frame is not the
 * last to arrive, or its author is gone, the server asks for another (`upload`).
 */
export class UploadRule {
  #editedAt = -Infinity;

  /** This person changed the drawing, or a change of theirs reached the others only now: upload. */
  edited(nowMs: number): void {
    this.#editedAt = nowMs;
  }

  /**
   * Others' edits came.
   *
   * @returns whether to upload
   */
  arrived(nowMs: number): boolean {
    return nowMs - this.#editedAt <= UPLOAD_WINDOW_MS;
  }
}
