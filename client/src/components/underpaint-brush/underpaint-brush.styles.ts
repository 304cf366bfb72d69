import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    gap: 10px;
  }
  .swatches {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .swatch {
    position: relative;
    inline-size: 26px;
    block-size: 26px;
    padding: 0;
    border: 0;
    border-radius: 50%;
    background: var(--_swatch);
    box-shadow: inset 0 0 0 1px light-dark(rgb(0 0 0 / 18%), rgb(255 255 255 / 22%));
    transition: scale 120ms;
  }
  .swatch:hover {
    scale: 1.12;
  }
  .swatch[aria-pressed='true'] {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .divider {
    inline-size: 1px;
    background: var(--_line);
  }
  /* The current colour, in a frame that says that it can be any. */
  .any {
    inline-size: 40px;
    border-radius: 8px;
    background:
      linear-gradient(var(--_swatch), var(--_swatch)) center / 32px 18px no-repeat,
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
  .knobs {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    align-items: center;
  }
  label:not(.any) {
    flex: 1 1 130px;
    display: grid;
    grid-template-columns: auto minmax(40px, 1fr) 3ch;
    gap: 8px;
    align-items: center;
    color: var(--_muted);
    font-size: 13px;
    font-variant-numeric: tabular-nums;
  }
`;
