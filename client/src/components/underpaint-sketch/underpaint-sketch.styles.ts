import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .frame {
    container-type: inline-size;
  }
  .layout {
    display: grid;
    grid-template: 'tools stage' auto 'tools brush' 1fr / auto minmax(0, 1fr);
    gap: 10px;
    align-items: start;
    isolation: isolate;
  }
  underpaint-toolbar {
    grid-area: tools;
  }
  .surround {
    grid-area: stage;
    position: relative;
    pointer-events: none;
  }
  .surround > * {
    pointer-events: auto;
  }
  /*
   * Strokes may start beside the sheet and in its round corners. Everything else lies over this. It is no wider than the
   * margin of a plain page, which must not scroll because of it; a studio has more space beside the sketch.
   */
  .apron {
    position: absolute;
    inset: -10px var(--_beside-sketch, -8px);
    z-index: -1;
    touch-action: none;
    cursor: crosshair;
  }
  .stage {
    position: relative;
    overflow: hidden;
    border-radius: var(--_radius);
    box-shadow:
      0 0 0 1px var(--_line),
      var(--_shadow);
    background: var(--_raised);
  }
  .stage:has(canvas:focus-visible) {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .sheet {
    position: relative;
    block-size: 100%;
    transform-origin: 0 0;
  }
  canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    outline: none;
    touch-action: none;
    -webkit-touch-callout: none;
    cursor: crosshair;
    -webkit-user-select: none;
    user-select: none;
  }
  canvas[data-tool='pan'] {
    cursor: grab;
  }
  .corner {
    position: absolute;
    inset: 0 auto auto 0;
  }
  .corner:nth-of-type(2) {
    left: 100%;
  }
  .corner:nth-of-type(3) {
    top: 100%;
  }
  .ring {
    position: absolute;
    aspect-ratio: 1;
    translate: -50% -50%;
    border: 1px solid #fff;
    border-radius: 50%;
    outline: 1px solid rgb(0 0 0 / 60%);
    pointer-events: none;
  }
  canvas[data-tool='select'] {
    cursor: default;
  }
  .selection {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    overflow: visible;
    fill: none;
    stroke: #1a73e8;
    stroke-width: 1.5px;
    pointer-events: none;
  }
  .selection * {
    vector-effect: non-scaling-stroke;
  }
  .selection circle {
    fill: #fff;
  }
  .selection .marquee {
    fill: rgb(26 115 232 / 12%);
  }
  .selected {
    position: absolute;
    inset: auto 0 10px;
    display: flex;
    justify-content: center;
    inline-size: fit-content;
    max-inline-size: 100%;
    margin: 0 auto;
    padding: 2px;
    border: 1px solid var(--_line);
    border-radius: 12px;
    background: var(--_surface);
    box-shadow: var(--_shadow);
  }
  .cross {
    position: absolute;
    inline-size: 24px;
    block-size: 24px;
    translate: -50% -50%;
    border: 2px solid #fff;
    border-radius: 50%;
    box-shadow:
      0 0 0 1px #000,
      inset 0 0 0 1px #000;
    pointer-events: none;
  }
  .zoom {
    position: absolute;
    inset: 8px 8px auto auto;
    padding: 4px 12px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: var(--_surface);
    font-size: 12px;
    font-variant-numeric: tabular-nums;
  }
  .brush {
    grid-area: brush;
    display: grid;
    gap: 10px;
  }
  /* Fingers scroll the page beside the sheet. */
  @media (pointer: coarse) {
    .apron {
      inset: -10px -8px;
    }
  }
  @container (inline-size < 420px) {
    .layout {
      grid-template: 'stage' 'tools' 'brush' / minmax(0, 1fr);
    }
    .surround {
      inline-size: min(100%, var(--_tall, 100%));
      justify-self: center;
    }
    underpaint-toolbar {
      min-inline-size: 0;
      --_direction: row;
      --_wrap: wrap;
      /* In one run, the buttons take fewer rows. */
      --_gap: 0;
      --_group: contents;
      --_group-gap: 0;
      --_divider: 0;
    }
  }
  /* A phone on its side: the tools in two columns. A studio has its words under the sheet. */
  @media (max-height: 500px) {
    @container (inline-size >= 260px) {
      .layout {
        grid-template: 'tools stage' auto 'tools brush' 1fr / auto minmax(0, 1fr);
      }
      .brush {
        margin-block-start: var(--_under, 0);
      }
      .apron {
        inset-block: -4px;
      }
      underpaint-toolbar {
        inline-size: 90px;
        --_direction: row;
        --_wrap: wrap;
        --_justify: start;
        --_group: contents;
        --_group-gap: 0;
        --_divider: 0;
        --_gap: 0;
      }
    }
  }
`;
