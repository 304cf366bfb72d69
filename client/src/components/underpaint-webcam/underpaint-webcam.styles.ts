import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    gap: 10px;
  }
  .stage {
    display: grid;
    place-items: center;
    overflow: hidden;
    border-radius: var(--_radius);
    box-shadow:
      0 0 0 1px var(--_line),
      var(--_shadow);
    background: var(--_raised);
  }
  .stage > * {
    grid-area: 1 / 1;
  }
  video {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 0;
    object-fit: cover;
  }
  .mirror {
    scale: -1 1;
  }
  p {
    max-inline-size: 32ch;
    margin: 0;
    padding: 16px;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
  }
  .sources {
    display: flex;
    gap: 2px;
  }
`;
