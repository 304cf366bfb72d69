import { css } from 'lit';

export const styles = css`
  :host {
    position: relative;
    display: flex;
    gap: 12px;
    align-items: center;
    font-size: 13px;
  }
  .readout {
    display: flex;
    gap: 12px;
    align-items: center;
    padding: 6px 8px;
    border: 0;
    border-radius: 8px;
    background: none;
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .still {
    visibility: hidden;
  }
  .readout:hover {
    background: var(--_raised);
  }
  dl {
    position: absolute;
    z-index: 3;
    inset-block-start: calc(100% + 6px);
    inset-inline-end: 0;
    display: grid;
    gap: 6px;
    margin: 0;
    padding: 12px 16px;
    border: 1px solid var(--_line);
    border-radius: 12px;
    background: var(--_surface);
    box-shadow: var(--_shadow);
    white-space: nowrap;
  }
  dl div {
    display: flex;
    gap: 24px;
    justify-content: space-between;
  }
  dt {
    color: var(--_muted);
  }
  dd {
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  .state {
    display: flex;
    gap: 8px;
    align-items: center;
    padding: 5px 12px 5px 10px;
    border: 1px solid var(--_line);
    border-radius: 999px;
    background: var(--_surface);
    white-space: nowrap;
  }
  .state::before {
    content: '';
    inline-size: 8px;
    block-size: 8px;
    border-radius: 50%;
    background: var(--_warn);
  }
  .state[data-status='live']::before {
    background: var(--_accent);
  }
  .state[data-status='connecting']::before,
  .state[data-status='waiting']::before,
  .state[data-status='reconnecting']::before {
    animation: pulse 1.6s ease-in-out infinite;
  }
  .retry {
    border: 0;
    padding: 4px;
    background: none;
    color: var(--_accent);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .spoken {
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  /* Within a narrow studio, whose bar is the next box with a position. */
  @container (inline-size < 560px) {
    .still,
    span:not(.still) + span {
      display: none;
    }
    :host {
      position: static;
    }
    dl {
      inset-inline: 12px;
      justify-content: stretch;
    }
  }
  @container (inline-size < 420px) {
    .readout {
      display: none;
    }
    .state {
      gap: 6px;
      padding: 5px 8px 5px 0;
      border: 0;
      background: none;
    }
  }
  @keyframes pulse {
    50% {
      opacity: 0.25;
    }
  }
`;
