import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    min-inline-size: 0;
  }
  .strip {
    display: flex;
    gap: 6px;
    overflow-x: auto;
    padding: 3px;
    margin: -3px;
    scrollbar-width: thin;
  }
  .one {
    position: relative;
    flex: 0 0 44px;
    aspect-ratio: 1;
    padding: 0;
    overflow: hidden;
    border: 0;
    border-radius: 9px;
    background: var(--_raised);
    box-shadow: 0 0 0 1px var(--_line);
  }
  .one:hover {
    box-shadow: 0 0 0 2px var(--_accent);
  }
  /* A corner marks what the person keeps. */
  .one[data-kept]::after {
    content: '';
    position: absolute;
    inset: 0 0 auto auto;
    border: 7px solid;
    border-color: var(--_accent) var(--_accent) transparent transparent;
  }
  .one img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  dialog {
    inline-size: min(760px, 94vw);
    max-block-size: 92dvh;
    padding-inline: 12px;
  }
  .gap {
    flex: 1;
  }
  .large {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 8px;
    align-items: center;
  }
  .large img {
    inline-size: 100%;
    max-block-size: 64dvh;
    object-fit: contain;
    border-radius: var(--_radius);
  }
  p {
    margin: 10px 48px;
    text-align: center;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    justify-content: center;
  }
  .actions button {
    min-block-size: 40px;
    padding: 6px 16px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: var(--_surface);
  }
  .actions [aria-pressed='true'] {
    border-color: var(--_accent);
    background: var(--_raised);
  }
  .actions .back {
    border-color: var(--_accent);
    background: var(--_accent);
    color: var(--_on-accent);
  }
`;
