import { css } from 'lit';

export const styles = css`
  dialog {
    inline-size: min(420px, 92vw);
    max-block-size: 84dvh;
  }
  .head {
    position: sticky;
    inset-block-start: -8px;
    background: var(--_surface);
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
