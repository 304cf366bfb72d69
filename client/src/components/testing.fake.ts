import axe from 'axe-core';
import { expect } from 'vitest';

/** Sends a pointer event to an element, at a place given as fractions of its box. */
export function pointer(
  target: Element,
  type: string,
  { at: [x, y], ...init }: PointerEventInit & { readonly at: readonly [number, number] },
): void {
  const box = target.getBoundingClientRect();
  pointerAt(target, type, { clientX: box.left + x * box.width, clientY: box.top + y * box.height, ...init });
}

/** Sends a pointer event to an element, at a place of the window. */
export function pointerAt(target: Element, type: string, init: PointerEventInit): void {
  // Browsers capture real pointers only.
  (target as HTMLElement).setPointerCapture = () => undefined;
  const event = new PointerEvent(type, {
    bubbles: true,
    composed: true,
    cancelable: true,
    pointerId: 1,
    pointerType: 'mouse',
    pressure: 0.5,
    buttons: type === 'pointerup' ? 0 : 1,
    ...init,
  });
  target.dispatchEvent(event);
}

/** The element that a press at a place of the window reaches, inside all shadow roots. */
export function elementAt(clientX: number, clientY: number): Element {
  let found = document.elementFromPoint(clientX, clientY) ?? document.body;
  for (;;) {
    const inner = found.shadowRoot?.elementFromPoint(clientX, clientY);
    if (!inner || inner === found) return found;
    found = inner;
  }
}

/** The colour of a canvas at a place given as fractions of it, as #rrggbb. */
export function colorAt(canvas: HTMLCanvasElement, x: number, y: number): string {
  const { data } = canvas.getContext('2d')!.getImageData(x * canvas.width, y * canvas.height, 1, 1);
  return `#${[...data.subarray(0, 3)].map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

/** Waits until changes requested for the next display frame are painted. */
export async function nextFrames(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** A PNG of one black pixel. */
export async function onePixel(): Promise<Blob> {
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  context.fillRect(0, 0, 1, 1);
  return context.canvas.convertToBlob();
}

export async function expectAccessible(element: Element): Promise<void> {
  const { violations } = await axe.run(element, {
    // A bare element is not a page.
    rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false } },
  });
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`)}`,
  );
  expect(found).toEqual([]);
}
