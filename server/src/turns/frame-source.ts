/** What the batcher sees of a canvas: whether a frame of it waits, and since when. */
export interface FrameSource {
  /** When the waiting frame may run, in ms on the batcher's clock; `null` if none waits or none may go out yet. */
  readyAt(): number | null;
  /** Since when its turn has been due, in ms: the order among equals. */
  waitingSince(): number;
  /** Whether the frame uses idle capacity only. */
  isBackground(): boolean;
  /** Its share of the device beside that of the others; 1 is one share. */
  readonly weight: number;
}
