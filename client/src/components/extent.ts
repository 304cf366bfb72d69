import { css, html, type TemplateResult } from 'lit';

/**
 * An element that is its own query container has no width of its own: in a parent as wide as its content it would vanish.
 * So each of our elements holds a row of boxes without height. The row wraps: the widest box is the smallest width of the
 * element, and all boxes together are the width that it takes where there is room. A parent that sets the widths itself
 * takes the boxes away with `--_extent: 0px`.
 */
export const extent = css`
  .extent {
    display: flex;
    flex-wrap: wrap;
    block-size: 0;
    overflow: clip;
    visibility: hidden;
  }
  .extent i {
    max-inline-size: var(--_extent, none);
    block-size: 0;
  }
`;

/** Widths of the parts of a studio, in CSS pixels. */
const PART = [240, 240];

/** @param boxes widths in CSS pixels */
export function renderExtent(boxes: readonly number[] = PART): TemplateResult {
  return html`<div class="extent" aria-hidden="true">
    ${boxes.map((width) => html`<i .style=${`inline-size: ${width}px`}></i>`)}
  </div>`;
}
