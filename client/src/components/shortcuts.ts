import type { ToolSettings } from '../drawing/marks.js';
import type { ExtraStrings } from './strings/extras.js';

/** A key, or a key with Ctrl (Cmd on a Mac), with its action. */
export interface Shortcut<Target> {
  /** `event.key` in lower case, with the prefix `ctrl+` if it needs Ctrl. */
  readonly key: string;
  readonly label: keyof ExtraStrings;
  readonly run: (target: Target) => void;
}

export interface SketchActions {
  readonly toolSettings: ToolSettings;
  choose(settings: Partial<ToolSettings>): void;
  undo(): void;
  redo(): void;
  zoom(factor: number): void;
  resetView(): void;
  /** Runs the action that a key has for the selected objects. @returns false if it has none */
  selectionKey(event: KeyboardEvent): boolean;
}

const MAX_SIZE = 64;

export const SKETCH_SHORTCUTS: readonly Shortcut<SketchActions>[] = [
  { key: 'm', label: 'select', run: (sketch) => sketch.choose({ tool: 'select' }) },
  { key: 'b', label: 'stroke', run: (sketch) => sketch.choose({ tool: 'stroke' }) },
  { key: 'e', label: 'eraser', run: (sketch) => sketch.choose({ tool: 'eraser' }) },
  { key: 'a', label: 'area', run: (sketch) => sketch.choose({ tool: 'area' }) },
  { key: 'l', label: 'line', run: (sketch) => sketch.choose({ tool: 'line' }) },
  { key: 'r', label: 'rectangle', run: (sketch) => sketch.choose({ tool: 'rectangle' }) },
  { key: 'o', label: 'ellipse', run: (sketch) => sketch.choose({ tool: 'ellipse' }) },
  { key: 'f', label: 'fill', run: (sketch) => sketch.choose({ tool: 'fill' }) },
  { key: 'i', label: 'pick', run: (sketch) => sketch.choose({ tool: 'pick' }) },
  { key: 'h', label: 'pan', run: (sketch) => sketch.choose({ tool: 'pan' }) },
  {
    key: '[',
    label: 'smaller',
    run: (sketch) => sketch.choose({ size: Math.max(1, Math.floor(sketch.toolSettings.size / 1.25)) }),
  },
  {
    key: ']',
    label: 'larger',
    run: (sketch) => sketch.choose({ size: Math.min(MAX_SIZE, Math.ceil(sketch.toolSettings.size * 1.25)) }),
  },
  { key: 'ctrl+z', label: 'undo', run: (sketch) => sketch.undo() },
  { key: 'ctrl+shift+z', label: 'redo', run: (sketch) => sketch.redo() },
  { key: 'ctrl+y', label: 'redo', run: (sketch) => sketch.redo() },
  { key: '+', label: 'zoomIn', run: (sketch) => sketch.zoom(1.5) },
  { key: '-', label: 'zoomOut', run: (sketch) => sketch.zoom(1 / 1.5) },
  { key: '0', label: 'resetView', run: (sketch) => sketch.resetView() },
];

/**
 * Runs the action of a key. It ignores keys that were handled already, and keys typed into a text field.
 *
 * @returns whether the key has an action
 */
export function runShortcut<Target>(event: KeyboardEvent, list: readonly Shortcut<Target>[], target: Target): boolean {
  if (event.defaultPrevented || event.altKey || isTyping(event)) return false;
  const shortcut = list.find(({ key }) => key === keyOf(event));
  if (shortcut === undefined) return false;
  event.preventDefault();
  shortcut.run(target);
  return true;
}

/** Runs the action of a key on the sheet. */
export function runSketchKey(event: KeyboardEvent, sketch: SketchActions): void {
  if (event.defaultPrevented || event.altKey || isTyping(event) || sketch.selectionKey(event)) return;
  runShortcut(event, SKETCH_SHORTCUTS, sketch);
}

function keyOf(event: KeyboardEvent): string {
  const key = latinKey(event).toLowerCase();
  if (!event.ctrlKey && !event.metaKey) return key;
  return event.shiftKey ? `ctrl+shift+${key}` : `ctrl+${key}`;
}

/** The signs of keys that have no letter. */
const SIGNS: Readonly<Record<string, string>> = { BracketLeft: '[', BracketRight: ']', Equal: '+', Minus: '-' };

/** On keyboards with other letters: the letter of a Latin one at the same place. */
function latinKey({ key, code }: KeyboardEvent): string {
  if (key.length !== 1 || key.charCodeAt(0) < 0x80) return key;
  return SIGNS[code] ?? /^(?:Key|Digit)(.)$/.exec(code)?.[1] ?? key;
}

/** Whether the key goes into a text field. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLInputElement && ['text', 'number'].includes(target.type);
}
