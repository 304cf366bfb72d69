import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    position: relative;
  }
  [role='toolbar'] {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
  }
  .gap {
    flex: 1;
  }
  .saves {
    position: absolute;
    z-index: 2;
    inset-block-start: calc(100% + 4px);
    inset-inline-end: 0;
    display: grid;
    padding: 5px;
    border: 1px solid var(--_line);
    border-radius: 12px;
    background: var(--_surface);
    box-shadow: var(--_shadow);
  }
  .saves button {
    padding: 8px 14px;
    border: 0;
    border-radius: 8px;
    background: none;
    text-align: start;
  }
  .saves button:hover {
    background: var(--_raised);
  }
`;
