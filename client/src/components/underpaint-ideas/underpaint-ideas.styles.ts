import { css } from 'lit';

export const styles = css`
  :host {
    display: contents;
  }
  dialog {
    inline-size: min(940px, 94vw);
    max-block-size: 90dvh;
  }
  .head {
    position: sticky;
    inset-block-start: -8px;
    z-index: 1;
    background: var(--_surface);
  }
  p {
    margin: 0;
    color: var(--_muted);
  }
  ul {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(132px, 1fr));
    gap: 14px;
    margin: 12px 0 0;
    padding: 0;
    list-style: none;
  }
  ul.words {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .card {
    display: grid;
    gap: 6px;
    align-content: start;
    inline-size: 100%;
    block-size: 100%;
    padding: 0;
    border: 0;
    border-radius: 12px;
    background: none;
    text-align: start;
  }
  .card img {
    display: block;
    inline-size: 100%;
    block-size: auto;
    aspect-ratio: 1;
    object-fit: cover;
    border-radius: 12px;
    background: var(--_raised);
    box-shadow: 0 0 0 1px var(--_line);
    transition: box-shadow 120ms;
  }
  .card:hover img {
    box-shadow: 0 0 0 3px var(--_accent);
  }
  .word {
    padding: 6px 14px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: none;
  }
  .word:hover {
    background: var(--_raised);
  }
`;
