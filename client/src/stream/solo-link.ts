import type { WelcomeMessage } from '@underpaint/shared';
import type { FrameLabel, LinkPort, StreamLink } from './stream-link.js';

/** One person draws alone: every message is about this client, and every picture may be sent. */
export class SoloLink implements StreamLink {
  readonly hello = {};
  readonly sharesParams = false;

  /** A session needs one frame before new parameters alone can change the picture. */
  opened(_welcome: WelcomeMessage, port: LinkPort): void {
    port.changed();
  }

  closed(): void {}

  receive(): void {}

  isOwn(): boolean {
    return true;
  }

  promptChangedBy(): void {}

  rejected(): void {}

  label(): FrameLabel {
    return {};
  }
}
