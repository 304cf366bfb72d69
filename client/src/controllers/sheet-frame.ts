import { html, type TemplateResult } from 'lit';

interface ScreenPoint {
  readonly clientX: number;
  readonly clientY: number;
}

/** Three points of a sheet without a size. Browsers tell where they are on the screen, whatever turns or skews the sheet. */
export const SHEET_CORNERS: TemplateResult = html`<i class="corner"></i><i class="corner"></i><i class="corner"></i>`;

/**
 * The inverse of the map from a sheet to the screen.
 *
 * @param sheet the element that contains `SHEET_CORNERS`
 * @returns a function from a place on the screen to a place on the sheet, as fractions of its width and height
 */
export function sheetPlaces(sheet: HTMLElement): (at: ScreenPoint) => readonly [x: number, y: number] {
  const [origin, right, bottom] = [...sheet.querySelectorAll('.corner')].map((each) => each.getBoundingClientRect());
  if (!origin || !right || !bottom) return () => [0, 0];
  const [ax, ay] = [right.left - origin.left, right.top - origin.top];
  const [bx, by] = [bottom.left - origin.left, bottom.top - origin.top];
  const area = ax * by - ay * bx || 1;
  return ({ clientX, clientY }) => {
    const [x, y] = [clientX - origin.left, clientY - origin.top];
    return [(x * by - y * bx) / area, (y * ax - x * ay) / area];
  };
}
