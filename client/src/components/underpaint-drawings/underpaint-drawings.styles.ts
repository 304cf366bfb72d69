import { css } from 'lit';

export const styles = css`
  dialog {
    inline-size: min(760px, 92vw);
    max-block-size: 88dvh;
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(130px, 1fr));
    gap: 14px;
    margin: 14px 0 0;
    padding: 0;
    list-style: none;
  }
  li {
    position: relative;
  }
  .new {
    min-block-size: 40px;
    padding: 6px 18px;
    border: 0;
    border-radius: 999px;
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .open {
    display: grid;
    gap: 4px;
    inline-size: 100%;
    padding: 0;
    border: 0;
    background: none;
    text-align: start;
  }
  .open > :is(img, svg) {
    inline-size: 100%;
    block-size: auto;
    aspect-ratio: 1;
    object-fit: cover;
    border-radius: 10px;
    background: var(--_raised);
    box-shadow: 0 0 0 1px var(--_line);
  }
  .open > svg {
    padding: 30%;
    color: var(--_muted);
  }
  .open:hover > :is(img, svg),
  .open[aria-current='true'] > :is(img, svg) {
    box-shadow: 0 0 0 2px var(--_accent);
  }
  .open span {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  small {
    color: var(--_muted);
    font-size: 12px;
  }
  li > .quiet {
    position: absolute;
    inset: 4px 4px auto auto;
    background: var(--_surface);
  }
`;
