import { DEFAULT_TOOL, SKETCH_WIDTH, type Mark, type StrokeMark, type StrokePoint } from '../drawing/marks.js';
import { starterMarks } from '../drawing/starter.js';

/** What the person has done before the studio was there. */
export interface EarlyWork {
  readonly words: string;
  readonly marks: readonly StrokeMark[];
  /** Whether the words have the focus. */
  readonly isTyping: boolean;
}

const SVG = 'http://www.w3.org/2000/svg';
const SEEN = 'underpaint-seen';

/** The sheet and the words of the page before the studio is loaded. Strokes are plain lines here; the studio paints them. */
export class EarlyDesk {
  readonly #shell: HTMLElement;
  readonly #sheet: SVGSVGElement;
  readonly #words: HTMLInputElement;
  readonly #marks: StrokeMark[] = [];
  #points: StrokePoint[] | null = null;
  #line: SVGElement | null = null;
  #onRest: (() => void) | null = null;

  constructor(shell: HTMLElement) {
    this.#shell = shell;
    this.#sheet = shell.querySelector('svg')!;
    this.#words = shell.querySelector('input')!;
    if (isFirstVisit()) this.#sheet.append(...starterMarks().map(shapeOf));
    this.#sheet.addEventListener('pointerdown', this.#down);
    this.#sheet.addEventListener('pointermove', this.#move);
    this.#sheet.addEventListener('pointerup', this.#up);
    this.#sheet.addEventListener('pointercancel', this.#up);
  }

  /** Waits for the end of a stroke under way, and removes the shell. */
  async end(): Promise<EarlyWork> {
    if (this.#points !== null) await new Promise<void>((resolve) => (this.#onRest = resolve));
    const isTyping = document.activeElement === this.#words;
    this.#shell.remove();
    return { words: this.#words.value.trim(), marks: this.#marks, isTyping };
  }

  #down = (event: PointerEvent): void => {
    if (event.button !== 0 || this.#points !== null) return;
    this.#sheet.setPointerCapture(event.pointerId);
    this.#points = [];
    this.#line = node('polyline', { class: 'stroke' });
    this.#sheet.append(this.#line);
    this.#move(event);
  };

  #move = (event: PointerEvent): void => {
    if (this.#points === null) return;
    const { left, top, width } = this.#sheet.getBoundingClientRect();
    const at = (px: number) => Math.round((px / width) * SKETCH_WIDTH * 10) / 10;
    this.#points.push([at(event.clientX - left), at(event.clientY - top), event.pressure || 0.5]);
    // A line of one point is not drawn.
    const shown = this.#points.length === 1 ? [this.#points[0]!, this.#points[0]!] : this.#points;
    this.#line!.setAttribute('points', shown.map(([x, y]) => `${x},${y}`).join(' '));
  };

  #up = ({ pointerType }: PointerEvent): void => {
    if (this.#points === null) return;
    const { color, size, opacity, smoothing } = DEFAULT_TOOL;
    const pressure = pointerType === 'pen';
    this.#marks.push({ kind: 'stroke', color, size, opacity, smoothing, pressure, points: this.#points });
    this.#points = null;
    this.#onRest?.();
  };
}

/** Others have a drawing of their own, which the studio loads. */
function isFirstVisit(): boolean {
  try {
    const isFirst = localStorage.getItem(SEEN) === null;
    localStorage.setItem(SEEN, '1');
    return isFirst;
  } catch {
    return true;
  }
}

/** The marks of the starter are areas and an ellipse. */
function shapeOf(mark: Mark): SVGElement {
  if (mark.kind === 'area') return node('polygon', { points: mark.points.join(' '), fill: mark.color });
  if (mark.kind !== 'ellipse') throw new Error(`the starter has a ${mark.kind}, which the early sheet cannot show`);
  const [[x0, y0], [x1, y1]] = [mark.from, mark.to];
  const [rx, ry] = [(x1 - x0) / 2, (y1 - y0) / 2];
  return node('ellipse', { cx: x0 + rx, cy: y0 + ry, rx, ry, fill: mark.color });
}

function node(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const created = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, String(value));
  return created;
}
