import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  div {
    display: flex;
    gap: 6px;
    overflow-x: auto;
    padding: 3px;
    margin: -3px;
    scrollbar-width: none;
  }
  button {
    flex: 0 0 40px;
    aspect-ratio: 1;
    padding: 0;
    overflow: hidden;
    border: 0;
    border-radius: 9px;
    background: var(--_raised);
    box-shadow: 0 0 0 1px var(--_line);
  }
  button:hover {
    box-shadow: 0 0 0 2px var(--_accent);
  }
  img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
`;
