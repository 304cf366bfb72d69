import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit';
import type { SelectSheet, SelectTool } from '../controllers/select-controller.js';
import { SKETCH_WIDTH, type Mark } from '../drawing/marks.js';
import { mapPoint } from '../drawing/matrix.js';
import { HANDLES, placeOf } from '../selection/drag.js';
import type { Order } from '../selection/edits.js';
import type { Box } from '../selection/geometry.js';
import { Selection } from '../selection/selection.js';
import { renderIconButton } from './icon-button.js';
import { lateIcon } from './late-icons.js';
import { HAND_STRINGS } from './strings/hands.js';
import type { Translation } from './strings/strings.js';

interface SelectToolSheet extends SelectSheet {
  readonly strings: Translation;
}

/** Sketch units. */
const NUDGE = 1;
const FAR_NUDGE = 10;
const HANDLE_PX = 5;
const ARROWS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Act = (selection: Selection) => void;
type Command = 'toFront' | 'forward' | 'backward' | 'toBack' | 'duplicate' | 'remove';

const COMMANDS: readonly { readonly name: Command; readonly act: Act }[] = [
  { name: 'toFront', act: (selection) => selection.reorder('front') },
  { name: 'forward', act: (selection) => selection.reorder('forward') },
  { name: 'backward', act: (selection) => selection.reorder('backward') },
  { name: 'toBack', act: (selection) => selection.reorder('back') },
  { name: 'duplicate', act: (selection) => selection.duplicate() },
  { name: 'remove', act: (selection) => selection.remove() },
];

/** The selection of a sheet: its keys, its frame and its buttons. */
export class MarkSelectTool implements SelectTool {
  readonly hand: Selection;
  readonly #sheet: SelectToolSheet;

  constructor(sheet: SelectToolSheet) {
    this.#sheet = sheet;
    this.hand = new Selection(sheet);
  }

  select(marks: readonly Mark[]): void {
    this.hand.select(marks);
  }

  keydown(event: KeyboardEvent): boolean {
    const act = event.ctrlKey || event.metaKey ? commandOf(event) : this.hand.isEmpty ? null : keyOf(event);
    if (act === null) return false;
    event.preventDefault();
    act(this.hand);
    return true;
  }

  renderFrame(): TemplateResult {
    const { height, unitPx } = this.#sheet;
    const { box, marquee } = this.hand;
    return html`<svg class="selection" viewBox="0 0 ${SKETCH_WIDTH} ${height}" aria-hidden="true">
      ${marquee === null ? nothing : this.#renderMarquee(marquee)}
      ${box === null ? nothing : this.#renderBox(box, unitPx)}
    </svg>`;
  }

  renderBar(): TemplateResult {
    const strings = { ...HAND_STRINGS, ...this.#sheet.strings };
    const count = this.hand.marks.length;
    return html`<div class="selected" role="group" aria-label=${strings.selected(count)} ?hidden=${count === 0}>
      ${COMMANDS.map(({ name, act }) =>
        renderIconButton({ shape: lateIcon(name), label: strings[name], onClick: () => act(this.hand) }),
      )}
    </div>`;
  }

  #renderMarquee({ left, top, right, bottom }: Box): SVGTemplateResult {
    return svg`<rect class="marquee" x=${left} y=${top} width=${right - left} height=${bottom - top} />`;
  }

  #renderBox(box: Box, unitPx: number): SVGTemplateResult {
    const { matrix } = this.hand;
    const corners = HANDLES.slice(1, 5).map((handle) => mapPoint(matrix, placeOf(handle, box, unitPx)));
    return svg`<polygon points=${corners.join(' ')} />
      ${HANDLES.map((handle) => {
        const [x, y] = mapPoint(matrix, placeOf(handle, box, unitPx));
        return svg`<circle cx=${x} cy=${y} r=${HANDLE_PX / unitPx} />`;
      })}`;
  }
}

function commandOf(event: KeyboardEvent): Act | null {
  const order: Record<string, Order> = event.shiftKey
    ? { BracketRight: 'front', BracketLeft: 'back' }
    : { BracketRight: 'forward', BracketLeft: 'backward' };
  const way = order[event.code];
  if (way !== undefined) return (selection) => selection.reorder(way);
  if (event.shiftKey) return null;
  if (event.code === 'KeyA') return (selection) => selection.selectAll();
  return event.code === 'KeyD' ? (selection) => selection.duplicate() : null;
}

function keyOf(event: KeyboardEvent): Act | null {
  const arrow = ARROWS[event.key];
  const far = event.shiftKey ? FAR_NUDGE : NUDGE;
  if (arrow !== undefined) return (selection) => selection.nudge(arrow[0] * far, arrow[1] * far);
  if (event.key === 'Delete' || event.key === 'Backspace') return (selection) => selection.remove();
  if (event.key !== 'Escape') return null;
  return (selection) => (selection.isDown ? selection.cancel() : selection.select([]));
}
