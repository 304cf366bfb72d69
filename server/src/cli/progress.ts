import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** 0 to 1. */
  update(share: number): void;
  stop(): void;
}

/** A bar on standard error while something takes long; nothing where no person looks. */
export function showProgress(title: string): Progress {
  const bar = new SingleBar(
    { format: `${title} {bar} {percentage} %`, noTTYOutput: false, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(1_000, 0);
  return {
    update: (share) => bar.update(Math.round(Math.min(1, share) * 1_000)),
    stop: () => bar.stop(),
  };
}
