import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .lost {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    justify-content: center;
    margin: 0 24px 8px;
    padding: 6px 12px;
    border-radius: var(--_radius);
    background: var(--_raised);
  }
  .lost > button:not(.quiet) {
    padding: 4px 16px;
    border: 0;
    border-radius: 999px;
    background: var(--_accent);
    color: var(--_on-accent);
  }
`;
