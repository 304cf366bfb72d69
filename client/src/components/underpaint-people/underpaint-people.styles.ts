import { css } from 'lit';

export const styles = css`
  ul {
    display: grid;
    gap: 2px;
    max-block-size: 236px;
    margin: 0;
    padding: 0;
    overflow: auto;
    list-style: none;
  }
  li {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: center;
    min-block-size: 40px;
  }
  .avatar {
    flex: none;
    display: grid;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    border-radius: 50%;
    background: var(--_colour);
    color: #fff;
    font-size: 13px;
    font-weight: 600;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  input[type='text'] {
    flex: 1 1 60px;
    min-inline-size: 0;
    max-inline-size: 180px;
    padding: 5px 10px;
    border: 1px solid var(--_line);
    border-radius: 8px;
    background: var(--_surface);
    color: var(--_text);
    font: inherit;
  }
  .about {
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: 13px;
    text-align: end;
  }
  .hand {
    padding: 3px 10px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: none;
    font-size: 13px;
  }
  .gone {
    color: var(--_muted);
  }
  .more {
    inline-size: 40px;
    block-size: 40px;
  }
  .actions {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    gap: 6px 8px;
    align-items: center;
    padding-block-end: 6px;
  }
  .actions button {
    min-block-size: 40px;
    padding: 3px 12px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: none;
    font-size: 13px;
  }
  .hint {
    color: var(--_muted);
    font-size: 13px;
  }
  .choice {
    display: flex;
    gap: 8px;
    align-items: center;
    min-block-size: 40px;
  }
  .choice input {
    inline-size: 16px;
    block-size: 16px;
    margin: 0 6px;
    accent-color: var(--_accent);
  }
`;
