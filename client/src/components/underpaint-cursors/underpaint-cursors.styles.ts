import { css } from 'lit';

export const styles = css`
  :host {
    position: absolute;
    inset: 0;
    overflow: hidden;
    pointer-events: none;
  }
  /* As large as the sketch, so that percentages are places on the sketch. */
  .person {
    position: absolute;
    inset: 0;
    transition: translate 90ms linear;
  }
  .pointer {
    position: absolute;
    display: grid;
    justify-items: start;
    scale: calc(1 / var(--_zoom, 1));
    transform-origin: 0 0;
  }
  .arrow {
    inline-size: 18px;
    block-size: 18px;
    fill: var(--_colour);
    stroke: #fff;
    stroke-width: 1.5;
    filter: drop-shadow(0 1px 2px rgb(0 0 0 / 35%));
  }
  .name {
    margin: -2px 0 0 14px;
    padding: 1px 8px;
    border-radius: 999px;
    background: var(--_colour);
    color: #fff;
    font-size: 12px;
    white-space: nowrap;
  }
  .drawing .name {
    outline: 2px solid #fff;
  }
  .trails {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    fill: none;
    stroke-width: 2.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .trails polyline {
    vector-effect: non-scaling-stroke;
    opacity: 0.7;
  }
`;
