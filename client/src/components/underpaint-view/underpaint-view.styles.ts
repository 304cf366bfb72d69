import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  .stage {
    position: relative;
    display: grid;
    place-items: center;
    aspect-ratio: var(--_ratio);
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
  canvas {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    transform-origin: 0 0;
    transition: opacity 300ms;
  }
  [data-stale] canvas {
    opacity: 0.55;
  }
  p {
    max-inline-size: 24ch;
    margin: 0;
    color: var(--_muted);
    text-align: center;
    text-wrap: balance;
  }
  .flagged {
    position: absolute;
    inset-block-end: 12px;
    max-inline-size: none;
    padding: 4px 12px;
    border-radius: 12px;
    background: var(--_surface);
    color: var(--_text);
  }
  .flagged[data-empty] {
    display: none;
  }
  :host(:fullscreen) {
    display: grid;
    place-items: center;
    background: #000;
  }
  :host(:fullscreen) .stage {
    inline-size: min(100dvw, 100dvh * var(--_ratio));
    border-radius: 0;
    box-shadow: none;
  }
  /* A quiet dot, and none at all if the picture comes at once. */
  .behind {
    position: absolute;
    inset: 10px 10px auto auto;
    inline-size: 10px;
    block-size: 10px;
    border-radius: 50%;
    background: var(--_accent);
    box-shadow: 0 0 0 2px var(--_surface);
    animation: behind 300ms 500ms both;
  }
  @keyframes behind {
    from {
      opacity: 0;
    }
  }
`;
