import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /**
   * @param share 0 to 1
   * @param note stands behind the bar
   */
  update(share: number, note?: string): void;
  stop(): void;
}

/** A progress bar on standard error, if it is a terminal. */
export function showProgress(title: string): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {percentage} % {note}`, noTTYOutput: false, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(1_000, 0, { note: '' });
  return {
    update: (share, note = '') => bar.update(Math.round(Math.min(1, share) * 1_000), { note }),
    stop: () => bar.stop(),
  };
}
