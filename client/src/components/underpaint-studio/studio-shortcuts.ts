import type { Shortcut } from '../shortcuts.js';
import { VIEWS, type View, type ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';

interface StudioActions {
  view: View;
  perform(command: ViewCommand): Promise<void>;
  showHelp(): void;
}

export const STUDIO_SHORTCUTS: readonly Shortcut<StudioActions>[] = [
  { key: '?', label: 'keys', run: (studio) => studio.showHelp() },
  {
    key: 'v',
    label: 'nextView',
    run: (studio) => (studio.view = VIEWS[(VIEWS.indexOf(studio.view) + 1) % VIEWS.length]!),
  },
  { key: 's', label: 'snapshot', run: (studio) => void studio.perform('snapshot') },
  { key: 'p', label: 'freeze', run: (studio) => void studio.perform('freeze') },
  { key: 'u', label: 'reuse', run: (studio) => void studio.perform('reuse') },
];
