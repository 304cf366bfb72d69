import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
  }
  /* The colours begin at the edge of the sheet. */
  .swatches {
    display: flex;
    flex-wrap: wrap;
    margin-inline: -6px;
  }
  .swatch {
    position: relative;
    inline-size: 40px;
    block-size: 40px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: none;
  }
  .swatch::before {
    content: '';
    position: absolute;
    inset: 6px;
    border-radius: 50%;
    background: var(--_swatch);
    box-shadow: inset 0 0 0 1px light-dark(rgb(0 0 0 / 18%), rgb(255 255 255 / 22%));
    transition: scale 120ms;
  }
  .swatch:hover::before {
    scale: 1.12;
  }
  .swatch[aria-pressed='true']::before {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .divider {
    inline-size: 1px;
    margin: 6px;
    background: var(--_line);
  }
  /* The current colour, in a frame that says that it can be any. */
  .any {
    inline-size: 52px;
    cursor: pointer;
  }
  .any::before {
    border-radius: 8px;
    background:
      linear-gradient(var(--_swatch), var(--_swatch)) center / 32px 20px no-repeat,
      conic-gradient(#d9825b, #f2c27a, #6f8f63, #6c9cc0, #4a6fa0, #a56a9a, #d9825b);
  }
  .any:focus-within::before {
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
  .knobs {
    display: flex;
    flex-wrap: wrap;
    gap: 0 14px;
    align-items: center;
  }
  label:not(.any) {
    flex: 1 1 110px;
    display: grid;
    grid-template-columns: auto minmax(40px, 1fr) 3ch;
    gap: 8px;
    align-items: center;
    color: var(--_muted);
    font-size: 13px;
    font-variant-numeric: tabular-nums;
  }
  /* Within a narrow sketch: the names over the sliders, which may be pressed in the lower half of the names too. */
  @container (inline-size < 420px) {
    .knobs {
      row-gap: 8px;
    }
    label:not(.any) {
      flex-basis: 84px;
      grid-template-columns: 1fr auto;
      gap: 0 4px;
    }
    label:not(.any) > input {
      grid-area: 2 / 1 / auto / -1;
      margin-block: -10px -6px;
    }
  }
`;
