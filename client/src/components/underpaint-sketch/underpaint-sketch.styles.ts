import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .layout {
    display: grid;
    grid-template: 'tools stage' '. colours' / auto minmax(0, 1fr);
    gap: 10px;
    align-items: start;
  }
  underpaint-toolbar {
    grid-area: tools;
  }
  .stage {
    grid-area: stage;
    aspect-ratio: var(--_ratio);
    overflow: hidden;
    border-radius: var(--_radius);
    box-shadow:
      0 0 0 1px var(--_line),
      var(--_shadow);
    background: var(--_raised);
  }
  canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    touch-action: none;
    cursor: crosshair;
  }
  .colours {
    grid-area: colours;
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: center;
    justify-content: space-between;
  }
  .swatches {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .swatch {
    position: relative;
    inline-size: 24px;
    block-size: 24px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--_swatch);
    box-shadow: inset 0 0 0 1px rgb(0 0 0 / 18%);
    transition: scale 120ms;
  }
  .swatch:hover {
    scale: 1.12;
  }
  .swatch[aria-pressed='true'] {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .any {
    border-radius: 8px;
    background:
      linear-gradient(var(--_swatch), var(--_swatch)) center / 12px 12px no-repeat,
      conic-gradient(#d9825b, #f2c27a, #6f8f63, #6c9cc0, #4a6fa0, #a56a9a, #d9825b);
    cursor: pointer;
  }
  .any:focus-within {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .any input {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    padding: 0;
    opacity: 0;
    cursor: pointer;
  }
  .size {
    display: grid;
    grid-template-columns: auto 110px 2ch;
    gap: 10px;
    align-items: center;
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }
  @container (inline-size < 420px) {
    .layout {
      grid-template: 'stage' 'tools' 'colours' / minmax(0, 1fr);
    }
    underpaint-toolbar {
      --_direction: row;
      --_group-gap: 0;
      --_divider: 0;
    }
  }
`;
