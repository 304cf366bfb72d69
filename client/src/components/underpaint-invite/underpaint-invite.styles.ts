import { css } from 'lit';

export const styles = css`
  .links {
    display: flex;
    gap: 16px;
  }
  section {
    display: grid;
    flex: 1 1 0;
    gap: 8px;
    align-content: start;
    min-inline-size: 0;
    max-inline-size: 220px;
  }
  h3 {
    margin: 0;
    font-size: 14px;
    font-weight: 600;
  }
  /* Black on white also in dark mode: some readers cannot read anything else. */
  .code {
    inline-size: 100%;
    padding: 6px;
    border-radius: 10px;
    background: #fff;
    color: #000;
    box-shadow: 0 0 0 1px var(--_line);
  }
  input {
    inline-size: 100%;
    min-inline-size: 0;
    padding: 6px 10px;
    border: 1px solid var(--_line);
    border-radius: 8px;
    background: var(--_raised);
    color: var(--_muted);
    font: inherit;
    font-size: 12px;
    text-overflow: ellipsis;
  }
  button {
    padding: 8px 4px;
    border: 0;
    border-radius: 999px;
    background: var(--_accent);
    color: var(--_on-accent);
    font-size: 13px;
    font-weight: 600;
  }
  .view button {
    background: var(--_raised);
    color: var(--_text);
  }
`;
