import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .frame {
    container-type: inline-size;
  }
  .rows {
    display: grid;
    gap: 10px;
  }
  .prompt span,
  .knob span,
  .knob label {
    color: var(--_muted);
  }
  .words {
    margin: 0;
    font-size: 17px;
  }
  .prompt span {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  input[type='text'],
  input[type='number'] {
    inline-size: 100%;
    border: 1px solid var(--_line);
    border-radius: 12px;
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
  }
  input[type='text'] {
    padding: 10px 14px;
    font-size: 17px;
  }
  input::placeholder {
    color: var(--_muted);
  }
  #unknown {
    min-block-size: 16px;
    margin: -8px 14px;
    overflow: hidden;
    color: var(--_muted);
    font-size: 12px;
    line-height: 16px;
    text-overflow: ellipsis;
    white-space: nowrap;
    pointer-events: none;
  }
  .words-row {
    display: flex;
    gap: 8px;
  }
  .prompt {
    display: grid;
    flex: 1;
    min-inline-size: 0;
  }
  .ideas {
    display: flex;
    flex: none;
    gap: 6px;
    align-items: center;
    padding: 0 14px 0 10px;
    border: 1px solid var(--_line);
    border-radius: 12px;
    background: var(--_surface);
  }
  .ideas:hover {
    border-color: var(--_accent);
    color: var(--_accent);
  }
  .knobs {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 20px;
    align-items: end;
  }
  .coming {
    min-block-size: 45px;
  }
  .knob {
    display: grid;
    flex: 1 1 100px;
    grid-template-columns: 1fr auto;
    gap: 0 8px;
    white-space: nowrap;
  }
  .control,
  .strength {
    flex: 1 1 200px;
  }
  /* It may be pressed in the lower half of its label too. */
  .knob > input[type='range'] {
    grid-column: 1 / -1;
    margin-block: -9px -6px;
  }
  output {
    font-variant-numeric: tabular-nums;
  }
  output i {
    color: var(--_muted);
    font-style: normal;
    margin-inline-end: 6px;
  }
  .seed {
    flex: none;
    grid-template-columns: auto 9ch auto auto;
    gap: 2px 4px;
    align-items: center;
  }
  .seed [aria-pressed='true'] {
    background: none;
    color: var(--_accent);
  }
  .seed label {
    margin-inline-end: 4px;
  }
  .preview {
    display: flex;
    gap: 8px;
    align-items: center;
    min-block-size: 40px;
    color: var(--_muted);
    accent-color: var(--_accent);
  }
  input[type='number'] {
    padding: 6px 10px;
    appearance: textfield;
    font-variant-numeric: tabular-nums;
  }
  input::-webkit-inner-spin-button {
    display: none;
  }
  @container (inline-size < 360px) {
    .seed {
      flex: 1 0 100%;
      grid-template-columns: auto 1fr auto auto;
    }
    .ideas {
      padding: 0 10px;
    }
    .ideas span {
      inline-size: 0;
      block-size: 0;
      overflow: hidden;
    }
  }
  /* A phone on its side: the words and the strength in one row, and the rest below the strength, beside the brush. */
  @media (max-height: 500px) {
    .rows {
      gap: 6px 16px;
    }
    input[type='text'] {
      padding: 6px 12px;
    }
    .strength {
      order: -1;
    }
    @container (inline-size >= 420px) {
      .rows {
        grid-template-columns: repeat(2, minmax(0, 1fr));
      }
      .rows > *,
      .knob {
        grid-column: 2;
        pointer-events: auto;
      }
      .rows > .words-row {
        grid-area: 1 / 1;
      }
      .strength {
        grid-row: 1;
      }
      .rows > #unknown {
        margin: -6px 0;
        pointer-events: none;
      }
      .rows > .knobs {
        display: contents;
      }
    }
  }
`;
