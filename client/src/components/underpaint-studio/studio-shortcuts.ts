import {
  isTyping,
  runShortcut,
  runSketchKey,
  SKETCH_SHORTCUTS,
  type Shortcut,
  type SketchActions,
} from '../shortcuts.js';
import { VIEWS, type View, type ViewCommand } from '../underpaint-viewbar/underpaint-viewbar.js';

interface StudioCommands {
  readonly view: View;
  choose(name: 'view', value: View): void;
  perform(command: ViewCommand): Promise<void>;
  showHelp(): Promise<void>;
  readonly sketch: SketchActions & HTMLElement;
  readonly shadowRoot: ShadowRoot | null;
}

/** Shortcuts that also work while the picture fills the screen. */
const FULLSCREEN_SHORTCUTS: readonly Shortcut<StudioCommands>[] = [
  { key: 's', label: 'snapshot', run: (studio) => void studio.perform('snapshot') },
  { key: 'p', label: 'freeze', run: (studio) => void studio.perform('freeze') },
];

const STUDIO_SHORTCUTS: readonly Shortcut<StudioCommands>[] = [
  { key: '?', label: 'keys', run: (studio) => void studio.showHelp() },
  {
    key: 'v',
    label: 'nextView',
    run: (studio) => studio.choose('view', VIEWS[(VIEWS.indexOf(studio.view) + 1) % VIEWS.length]!),
  },
  ...FULLSCREEN_SHORTCUTS,
  { key: 'u', label: 'reuse', run: (studio) => void studio.perform('reuse') },
];

/** For the table of keys. */
export const ALL_SHORTCUTS = [...STUDIO_SHORTCUTS, ...SKETCH_SHORTCUTS];

/** Runs the action of a key. While the picture fills the screen, keys change nothing that is not visible. */
export function runStudioShortcut(event: KeyboardEvent, studio: StudioCommands): void {
  if (leavesWords(event, studio)) return;
  if (studio.shadowRoot?.fullscreenElement) {
    runShortcut(event, FULLSCREEN_SHORTCUTS, studio);
  } else if (!runShortcut(event, STUDIO_SHORTCUTS, studio)) {
    runSketchKey(event, studio.sketch);
  }
}

/** Escape in a text field goes back to the sheet, so that keys draw again. */
function leavesWords(event: KeyboardEvent, { sketch }: StudioCommands): boolean {
  if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing || !isTyping(event)) return false;
  // There it closes the dialog.
  if (event.composedPath().some((each) => each instanceof HTMLDialogElement)) return false;
  event.preventDefault();
  sketch.focus({ preventScroll: true });
  return true;
}
