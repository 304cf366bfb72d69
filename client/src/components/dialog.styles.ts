import { css } from 'lit';

/** A dialog over the page: a head with title and close button, then the content. */
export const dialog = css`
  dialog {
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
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding-block: 12px 6px;
  }
  h2 {
    margin: 0;
    font-size: 17px;
  }
`;
