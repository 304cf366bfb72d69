import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Hand } from '../drawing/hand.js';
import { SKETCH_WIDTH, type StrokePoint, type Tool, type ToolSettings } from '../drawing/marks.js';
import { panBy, WHOLE, zoomAt, type Viewport } from '../drawing/viewport.js';
import { LongPress } from '../drawing/long-press.js';
import { sheetPlaces } from './sheet-frame.js';
import { TouchTaps } from './touch-taps.js';

interface GestureHost extends ReactiveControllerHost {
  readonly toolSettings: ToolSettings;
  undo(): void;
  redo(): void;
}

interface GestureOptions {
  /** Null before the first update. */
  readonly canvas: () => HTMLElement | null;
  /** What the drawing pointer does, with the current tool or another one. */
  readonly hand: (as: Tool | null) => Hand;
  /** Whether a key is held that makes every pointer move the view. */
  readonly isViewHeld: () => boolean;
  /** The view was moved or enlarged. */
  readonly onView: () => void;
}

/** The pen's other end. Source: W3C Pointer Events, "Chorded button interactions". */
const ERASER = { button: 5, buttons: 32 } as const;
const WHEEL_ZOOM = 0.0025;

/**
 * Pointers on the sheet: one pointer draws, two fingers move and enlarge the view. After the first pen, fingers never draw.
 * A tap with two fingers undoes, one with three redoes, and a finger that rests picks the colour under it.
 */
export class GestureController implements ReactiveController {
  readonly #host: GestureHost;
  readonly #options: GestureOptions;
  readonly #navigating = new Map<number, PointerEvent>();
  readonly #taps = new TouchTaps({ onTap: (fingers) => this.#tapped(fingers) });
  readonly #longPress = new LongPress(() => this.#pickInstead());
  /** The latest event of the drawing pointer. */
  #drawing: PointerEvent | null = null;
  #hand: Hand | null = null;
  #hasMoved = false;
  #penSeen = false;
  #viewport = WHOLE;

  constructor(host: GestureHost, options: GestureOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#navigating.clear();
    this.#taps.clear();
    this.#drop();
  }

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** Enlarges about a place, given as fractions of the stage. */
  zoom(factor: number, at: readonly [number, number] = [0.5, 0.5]): void {
    this.#look(zoomAt(this.#viewport, factor, at));
  }

  resetView(): void {
    this.#look(WHOLE);
  }

  /** Shift went down or up. */
  constrain(isHeld: boolean): void {
    if (this.#hand !== null) this.#hand.isConstrained = isHeld;
  }

  /** A press on the canvas, or beside it. */
  down = (event: PointerEvent): void => {
    const canvas = this.#options.canvas();
    if (canvas === null) return;
    if (event.pointerType === 'pen') this.#penArrived();
    const isTouch = event.pointerType === 'touch';
    if (isTouch && this.#penSeen && this.#drawing !== null) return;
    canvas.setPointerCapture(event.pointerId);
    if (event.currentTarget !== canvas) this.#focus(event, canvas);
    if (isTouch) this.#taps.down(event);
    if (isTouch && this.#drawing !== null) this.#becomePinch(event);
    else if ((isTouch && this.#penSeen) || this.#movesView(event)) this.#navigating.set(event.pointerId, event);
    else if (this.#drawing === null && isDrawingButton(event)) this.#startDrawing(event, canvas);
  };

  move = (event: PointerEvent): void => {
    const canvas = event.currentTarget as HTMLElement;
    this.#taps.move(event);
    if (this.#navigating.has(event.pointerId)) return this.#navigate(event, canvas);
    if (event.pointerId !== this.#drawing?.pointerId || this.#hand === null) return;
    this.#drawing = event;
    this.#hasMoved = true;
    this.#longPress.move(event);
    const events = event.getCoalescedEvents?.() ?? [];
    const placeOf = sketchPoints(canvas);
    this.#hand.isConstrained = event.shiftKey;
    this.#hand.move((events.length > 0 ? events : [event]).map(placeOf));
  };

  up = (event: PointerEvent): void => {
    this.#navigating.delete(event.pointerId);
    if (event.pointerId === this.#drawing?.pointerId) this.#finish();
    this.#taps.up(event);
  };

  /** The system took the pointer away. The stroke stays as far as it was drawn; a touch that only began may be a palm. */
  cancel = (event: PointerEvent): void => {
    this.#navigating.delete(event.pointerId);
    this.#taps.clear();
    if (event.pointerId !== this.#drawing?.pointerId) return;
    if (event.pointerType === 'touch' && !this.#hasMoved) this.#drop();
    else this.#finish();
  };

  /** Ctrl and the wheel enlarge (browsers report a trackpad pinch like that). The wheel alone scrolls an enlarged sketch. */
  wheel = (event: WheelEvent): void => {
    const stage = stageBox(event.currentTarget as HTMLElement);
    if (event.ctrlKey || event.metaKey) {
      const at = [(event.clientX - stage.left) / stage.width, (event.clientY - stage.top) / stage.height] as const;
      this.zoom(Math.exp(-event.deltaY * WHEEL_ZOOM), at);
    } else if (this.#viewport.scale > 1) {
      this.#look(panBy(this.#viewport, -event.deltaX / stage.width, -event.deltaY / stage.height));
    } else {
      return;
    }
    event.preventDefault();
  };

  /** A resting finger opens the menu of the browser otherwise. */
  contextmenu = (event: Event): void => {
    if ((event as PointerEvent).pointerType === 'touch') event.preventDefault();
  };

  #movesView(event: PointerEvent): boolean {
    const { tool } = this.#host.toolSettings;
    return tool === 'pan' || event.button === 1 || this.#options.isViewHeld() || this.#navigating.size > 0;
  }

  /** A pen wins over the hand that came down before it. */
  #penArrived(): void {
    this.#penSeen = true;
    this.#navigating.clear();
    this.#taps.clear();
    if (this.#drawing?.pointerType === 'touch') this.#drop();
  }

  /** A press beside the canvas gives the canvas the focus, as one on it does. */
  #focus(event: PointerEvent, canvas: HTMLElement): void {
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  }

  #startDrawing(event: PointerEvent, canvas: HTMLElement): void {
    this.#drawing = event;
    this.#hasMoved = false;
    const as = toolOf(event);
    this.#hand = this.#options.hand(as);
    const isPen = event.pointerType === 'pen';
    this.#hand.isConstrained = event.shiftKey;
    this.#hand.down(sketchPoints(canvas)(event), { truePressure: isPen, as });
    const isRestUseful = this.#host.toolSettings.tool !== 'select';
    if (event.pointerType === 'touch' && isRestUseful) this.#longPress.start(event);
  }

  #finish(): void {
    this.#longPress.stop();
    this.#drawing = null;
    this.#hand?.up();
    this.#hand = null;
  }

  #drop(): void {
    this.#longPress.stop();
    this.#drawing = null;
    this.#hand?.cancel();
    this.#hand = null;
  }

  #pickInstead(): void {
    const event = this.#drawing;
    const canvas = this.#options.canvas();
    if (event === null || canvas === null || this.#hand === null) return;
    this.#hand.cancel();
    this.#hand.down(sketchPoints(canvas)(event), { truePressure: false, as: 'pick' });
  }

  /** The first finger started a line. The second shows that the person wants to move the view. */
  #becomePinch(second: PointerEvent): void {
    for (const event of [this.#drawing!, second]) this.#navigating.set(event.pointerId, event);
    this.#drop();
  }

  #tapped(fingers: number): void {
    if (fingers === 2) this.#host.undo();
    else if (fingers === 3) this.#host.redo();
  }

  #navigate(event: PointerEvent, canvas: HTMLElement): void {
    // So that a tap with several fingers does not move the view.
    if (this.#navigating.size > 1 && this.#taps.isStill) return;
    const before = this.#middle();
    this.#navigating.set(event.pointerId, event);
    const after = this.#middle();
    const stage = stageBox(canvas);
    const moved = panBy(this.#viewport, (after.x - before.x) / stage.width, (after.y - before.y) / stage.height);
    const at = [(after.x - stage.left) / stage.width, (after.y - stage.top) / stage.height] as const;
    this.#look(before.spread > 0 ? zoomAt(moved, after.spread / before.spread, at) : moved);
  }

  /** The middle of the pointers that move the view, and the distance between them. */
  #middle(): { x: number; y: number; spread: number } {
    const [a, b = a] = [...this.#navigating.values()] as [PointerEvent, PointerEvent?];
    return {
      x: (a.clientX + b!.clientX) / 2,
      y: (a.clientY + b!.clientY) / 2,
      spread: Math.hypot(a.clientX - b!.clientX, a.clientY - b!.clientY),
    };
  }

  #look(viewport: Viewport): void {
    this.#viewport = viewport;
    this.#host.requestUpdate();
    this.#options.onView();
  }
}

function isDrawingButton(event: PointerEvent): boolean {
  return event.button === 0 || (event.pointerType === 'pen' && event.button === ERASER.button);
}

/** The tool that the pointer itself asks for. */
function toolOf(event: PointerEvent): Tool | null {
  if (event.pointerType === 'pen' && (event.button === ERASER.button || (event.buttons & ERASER.buttons) !== 0)) {
    return 'eraser';
  }
  return event.altKey ? 'pick' : null;
}

/** The frame around the visible part of the canvas. */
function stageBox(canvas: HTMLElement): DOMRect {
  return canvas.closest('.stage')!.getBoundingClientRect();
}

/** @returns the place of a pointer in sketch units, wherever the canvas is on the screen, also if it is rotated or skewed */
function sketchPoints(canvas: HTMLElement): (event: PointerEvent) => StrokePoint {
  const placeOf = sheetPlaces(canvas.parentElement!);
  const height = (SKETCH_WIDTH * canvas.offsetHeight) / canvas.offsetWidth;
  return (event) => {
    const [x, y] = placeOf(event);
    return [round(x * SKETCH_WIDTH), round(y * height), event.pressure || 0.5];
  };
}

/** A hundredth of a unit is too fine to see, and keeps stored drawings small. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
