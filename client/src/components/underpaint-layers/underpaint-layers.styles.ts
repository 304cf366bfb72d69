import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    gap: 6px;
    padding: 8px;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
  }
  ul {
    display: grid;
    gap: 2px;
    max-block-size: 260px;
    margin: 0;
    padding: 0;
    overflow-y: auto;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: 40px minmax(60px, 1fr) minmax(60px, 110px);
    gap: 6px;
    align-items: center;
    border-radius: 10px;
  }
  li[aria-current='true'] {
    background: var(--_raised);
    box-shadow: inset 3px 0 0 var(--_accent);
  }
  input[type='text'],
  select {
    min-inline-size: 0;
    padding: 0 8px;
    border: 1px solid transparent;
    border-radius: 8px;
    background: none;
    color: inherit;
    font: inherit;
  }
  select,
  input[type='text']:focus {
    border-color: var(--_line);
    background: var(--_surface);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 6px;
    align-items: center;
  }
  label {
    display: flex;
    gap: 8px;
    align-items: center;
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: 13px;
  }
  input[type='color'] {
    inline-size: 40px;
    padding: 0;
    border: 1px solid var(--_line);
    border-radius: 8px;
    background: none;
  }
  .hidden {
    opacity: 0.35;
  }
`;
