import { css } from 'lit';

export const styles = css`
  dialog {
    inline-size: min(420px, 92vw);
    max-block-size: 84dvh;
    padding: 8px 24px 24px;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    box-shadow: var(--_shadow);
  }
  dialog::backdrop {
    background: rgb(20 16 10 / 45%);
  }
  .head {
    position: sticky;
    inset-block-start: -8px;
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-block: 12px 6px;
    background: var(--_surface);
  }
  h2 {
    margin: 0;
    font-size: 17px;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  tr + tr {
    border-block-start: 1px solid var(--_line);
  }
  th {
    padding-block: 6px;
    font-weight: normal;
    text-align: start;
    white-space: nowrap;
  }
  td {
    color: var(--_muted);
    text-align: end;
  }
  kbd {
    display: inline-block;
    min-inline-size: 26px;
    padding: 2px 7px;
    border: 1px solid var(--_line);
    border-radius: 6px;
    background: var(--_raised);
    font: inherit;
    font-size: 12px;
    text-align: center;
  }
`;
