import type { SketchDrawing } from '../drawing/drawing.js';
import type { Hand } from '../drawing/hand.js';
import { ONE_LAYER } from '../drawing/layers.js';
import type { Mark, Point, StrokePoint } from '../drawing/marks.js';
import { IDENTITY, type Matrix } from '../drawing/matrix.js';
import { HANDLES, moved, placeOf, scaled, turned, type Drag, type Handle } from './drag.js';
import { copiesOf, isBody, reordered, transformed, withAttached, type Order } from './edits.js';
import { boundsOf, boxAround, contains, isHit, overlap, type Box } from './geometry.js';

/** The sheet whose marks are selected. */
export interface SelectionSheet {
  readonly drawing: SketchDrawing;
  /** Height of the sheet in sketch units. */
  readonly height: number;
  /** CSS pixels in a sketch unit. */
  readonly unitPx: number;
  /** The selection or its frame changed. */
  changed(): void;
}

type Action =
  | { readonly kind: 'move' }
  | { readonly kind: 'scale'; readonly handle: Exclude<Handle, 'turn'> }
  | { readonly kind: 'turn' }
  | { readonly kind: 'marquee'; readonly before: ReadonlySet<number> };

/** How far from a mark or a handle a press still reaches it. CSS pixels. */
const REACH_PX = 8;
/** A smaller move is a click. CSS pixels. */
const CLICK_PX = 3;

/** The marks that are selected, and the hand that selects, moves, scales and turns them. */
export class Selection implements Hand {
  isConstrained = false;
  readonly #sheet: SelectionSheet;
  #ids: ReadonlySet<number> = new Set();
  #action: Action | null = null;
  #from: Point = [0, 0];
  #to: Point = [0, 0];
  #moving: ReadonlySet<Mark> = new Set();
  #startBox: Box | null = null;
  /** The clicked mark that becomes the only one selected if the pointer does not move. */
  #clicked: Mark | null = null;

  constructor(sheet: SelectionSheet) {
    this.#sheet = sheet;
  }

  get isDown(): boolean {
    return this.#action !== null;
  }

  get isEmpty(): boolean {
    return this.marks.length === 0;
  }

  /** In painting order. */
  get marks(): readonly Mark[] {
    return this.#sheet.drawing.state.marks.filter(({ id }) => id !== undefined && this.#ids.has(id));
  }

  /** The frame around the selected marks, before the drag under way. */
  get box(): Box | null {
    return this.#startBox ?? this.#boxOf(this.marks);
  }

  /** What the drag under way does to the marks. */
  get matrix(): Matrix {
    const action = this.#action;
    const drag: Drag = { from: this.#from, to: this.#to, isConstrained: this.isConstrained };
    if (action === null || action.kind === 'marquee' || this.#startBox === null || !this.#hasMoved) return IDENTITY;
    if (action.kind === 'move') return moved(drag);
    if (action.kind === 'turn') return turned(this.#startBox, drag);
    const isConstrained = drag.isConstrained || this.marks.every(({ kind }) => kind === 'picture');
    return scaled(this.#startBox, action.handle, { ...drag, isConstrained });
  }

  /** The rectangle that a drag over empty places spans. */
  get marquee(): Box | null {
    if (this.#action?.kind !== 'marquee') return null;
    const [[x0, y0], [x1, y1]] = [this.#from, this.#to];
    return { left: Math.min(x0, x1), top: Math.min(y0, y1), right: Math.max(x0, x1), bottom: Math.max(y0, y1) };
  }

  down([x, y]: StrokePoint): void {
    this.#from = this.#to = [x, y];
    this.#clicked = null;
    this.#action = this.#actionAt([x, y]);
    this.#startBox = this.#action.kind === 'marquee' ? null : this.#boxOf(this.marks);
    this.#moving = this.#withAttached();
    this.#sheet.changed();
  }

  move(points: readonly StrokePoint[]): void {
    if (this.#action === null) return;
    const [x, y] = points.at(-1)!;
    this.#to = [x, y];
    if (this.#action.kind === 'marquee') this.#selectWithin(this.#action.before);
    else if (this.#hasMoved) this.#sheet.drawing.lift({ marks: this.#moving, matrix: this.matrix });
    this.#sheet.changed();
  }

  up(): void {
    if (this.#action === null) return;
    const { drawing } = this.#sheet;
    const [matrix, marks] = [this.matrix, this.#moving];
    if (!this.#hasMoved && this.#clicked !== null) this.#ids = new Set([this.#clicked.id!]);
    this.cancel();
    if (matrix !== IDENTITY) drawing.change({ marks: transformed(drawing.state.marks, marks, matrix) });
  }

  cancel(): void {
    this.#action = null;
    this.#startBox = null;
    this.#sheet.drawing.lift(null);
    this.#sheet.changed();
  }

  select(marks: readonly Mark[]): void {
    this.#ids = new Set(marks.flatMap(({ id }) => id ?? []));
    this.#sheet.changed();
  }

  selectAll(): void {
    this.select(this.#visible);
  }

  remove(): void {
    const gone = this.#withAttached();
    this.#edit(this.#sheet.drawing.state.marks.filter((mark) => !gone.has(mark)));
  }

  duplicate(): void {
    const { marks } = this.#sheet.drawing.state;
    const originals = this.#withAttached();
    const copies = copiesOf(marks.filter((mark) => originals.has(mark)));
    this.#edit([...marks, ...copies]);
    this.select(copies.filter(isBody));
  }

  reorder(order: Order): void {
    if (this.isEmpty) return;
    this.#edit(reordered(this.#sheet.drawing.state.marks, this.#withAttached(), order));
  }

  nudge(dx: number, dy: number): void {
    this.#edit(transformed(this.#sheet.drawing.state.marks, this.#withAttached(), [1, 0, 0, 1, dx, dy]));
  }

  get #hasMoved(): boolean {
    return Math.hypot(this.#to[0] - this.#from[0], this.#to[1] - this.#from[1]) * this.#sheet.unitPx > CLICK_PX;
  }

  #edit(marks: readonly Mark[]): void {
    this.#sheet.drawing.change({ marks });
    this.#sheet.changed();
  }

  #withAttached(): ReadonlySet<Mark> {
    return withAttached(this.#sheet.drawing.state.marks, new Set(this.marks), this.#sheet.height);
  }

  #boxOf(marks: readonly Mark[]): Box | null {
    return boxAround(marks.map((mark) => boundsOf(mark, this.#sheet.height)));
  }

  /** Marks of layers that are shown. */
  get #visible(): readonly Mark[] {
    const { marks, layers = ONE_LAYER } = this.#sheet.drawing.state;
    const hidden = new Set(layers.filter(({ isHidden }) => isHidden).map(({ id }) => id));
    return marks.filter(({ layer = 0 }) => !hidden.has(layer));
  }

  /** What a press at a point does; selects the mark there. With Shift it adds to the selection, or takes away from it. */
  #actionAt(at: Point): Action {
    const handle = this.#handleAt(at);
    if (handle === 'turn') return { kind: 'turn' };
    if (handle !== null) return { kind: 'scale', handle };
    const hit = this.#markAt(at);
    if (this.isConstrained && hit !== null) {
      this.#ids = toggled(this.#ids, hit.id!);
      return { kind: 'move' };
    }
    const box = this.#boxOf(this.marks);
    if (box !== null && contains(box, at) && !this.isConstrained) {
      this.#clicked = hit;
      return { kind: 'move' };
    }
    const before = this.isConstrained ? this.#ids : new Set<number>();
    this.#ids = hit === null ? before : new Set([hit.id!]);
    return hit === null ? { kind: 'marquee', before } : { kind: 'move' };
  }

  #handleAt([x, y]: Point): Handle | null {
    const box = this.#boxOf(this.marks);
    if (box === null) return null;
    const { unitPx } = this.#sheet;
    const isNear = (handle: Handle) => {
      const [hx, hy] = placeOf(handle, box, unitPx);
      return Math.hypot(x - hx, y - hy) * unitPx <= REACH_PX;
    };
    return HANDLES.find(isNear) ?? null;
  }

  /** The topmost mark at a point. */
  #markAt(at: Point): Mark | null {
    const { height, unitPx, drawing } = this.#sheet;
    const order = new Map((drawing.state.layers ?? ONE_LAYER).map(({ id }, index) => [id, index]));
    const found = this.#visible.filter((mark) => isHit(mark, at, { height, tolerance: REACH_PX / 2 / unitPx }));
    const rank = ({ layer = 0 }: Mark) => order.get(layer) ?? 0;
    return found.reduce<Mark | null>((top, mark) => (top === null || rank(mark) >= rank(top) ? mark : top), null);
  }

  #selectWithin(before: ReadonlySet<number>): void {
    const marquee = this.marquee!;
    const inside = this.#visible.filter((mark) => isBody(mark) && overlap(boundsOf(mark, this.#sheet.height), marquee));
    this.#ids = new Set([...before, ...inside.flatMap(({ id }) => id ?? [])]);
  }
}

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const others = new Set(ids);
  if (!others.delete(id)) others.add(id);
  return others;
}
