import axe from 'axe-core';
import { expect } from 'vitest';

/** Sends a pointer event to an element, at a place given as fractions of its box. */
export function pointer(
  target: Element,
  type: string,
  { at: [x, y], ...init }: PointerEventInit & { readonly at: readonly [number, number] },
): void {
  const box = target.getBoundingClientRect();
  const event = new PointerEvent(type, {
    bubbles: true,
    composed: true,
    cancelable: true,
    pointerId: 1,
    pointerType: 'mouse',
    pressure: 0.5,
    buttons: type === 'pointerup' ? 0 : 1,
    clientX: box.left + x * box.width,
    clientY: box.top + y * box.height,
    ...init,
  });
  // Browsers capture real pointers only.
  (target as HTMLElement).setPointerCapture = () => undefined;
  target.dispatchEvent(event);
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
