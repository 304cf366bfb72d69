import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .frame {
    display: grid;
    gap: 12px;
    align-content: start;
    container-type: inline-size;
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
    padding: 12px 16px;
    font-size: 17px;
  }
  input::placeholder {
    color: var(--_muted);
  }
  #unknown {
    min-block-size: 16px;
    margin: -8px 16px;
    overflow: hidden;
    color: var(--_muted);
    font-size: 12px;
    line-height: 16px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .ideas {
    display: flex;
    gap: 6px;
    overflow-x: auto;
    padding: 3px;
    margin: -3px;
    scrollbar-width: none;
    mask-image: linear-gradient(to right, #000 calc(100% - 32px), transparent);
  }
  .ideas:dir(rtl) {
    mask-image: linear-gradient(to left, #000 calc(100% - 32px), transparent);
  }
  .ideas button {
    flex: none;
    padding: 5px 12px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: none;
    color: var(--_muted);
    font-size: 13px;
    transition:
      background-color 120ms,
      color 120ms;
  }
  .ideas button:hover {
    background: var(--_raised);
    color: var(--_text);
  }
  .ideas button[aria-pressed='true'] {
    border-color: var(--_accent);
    color: var(--_accent);
  }
  .knobs {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 24px;
    align-items: end;
  }
  .knob {
    display: grid;
    flex: 1 1 100px;
    grid-template-columns: 1fr auto;
    gap: 2px 8px;
  }
  .control,
  .strength {
    flex: 2 1 200px;
  }
  .knob > input[type='range'] {
    grid-column: 1 / -1;
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
  .lock[aria-pressed='true'] {
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
    block-size: 36px;
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
  @container (inline-size < 760px) {
    .control,
    .strength,
    .seed {
      flex: 1 0 100%;
    }
    .seed {
      grid-template-columns: auto 1fr auto auto;
    }
  }
`;
