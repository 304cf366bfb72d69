import { css } from 'lit';

/**
 * Colours and sizes shared by all elements. A page can set each as `--underpaint-<name>`. Light and dark follow the
 * `color-scheme` around the element.
 */
export const theme = css`
  :host {
    --_paper: var(--underpaint-paper, light-dark(#f5f2ec, #141617));
    --_surface: var(--underpaint-surface, light-dark(#fffdf9, #1d2022));
    --_raised: var(--underpaint-raised, light-dark(#efeae1, #2a2e31));
    --_line: var(--underpaint-line, light-dark(#ddd6c9, #363b3f));
    --_text: var(--underpaint-text, light-dark(#24211c, #ece8e1));
    --_muted: var(--underpaint-muted, light-dark(#665f54, #a8a49b));
    --_accent: var(--underpaint-accent, light-dark(#1f6569, #7cc4c0));
    --_on-accent: var(--underpaint-on-accent, light-dark(#ffffff, #0f2426));
    --_warn: var(--underpaint-warn, light-dark(#8f4a12, #e9b072));
    --_radius: var(--underpaint-radius, 14px);
    --_shadow:
      0 1px 2px light-dark(rgb(60 45 20 / 8%), rgb(0 0 0 / 40%)),
      0 12px 32px -16px light-dark(rgb(60 45 20 / 22%), rgb(0 0 0 / 70%));
    color: var(--_text);
    font-family: var(--underpaint-font, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif);
    font-size: 14px;
    line-height: 1.4;
    box-sizing: border-box;
  }
  /* A page styles its own texts. Its rules also match our hosts, so the inheritance ends inside. */
  :where(:host > *) {
    border-collapse: separate;
    border-spacing: 0;
    font-style: normal;
    font-variant: normal;
    font-weight: normal;
    hyphens: manual;
    letter-spacing: normal;
    line-height: 1.4;
    list-style: none;
    overflow-wrap: break-word;
    tab-size: 8;
    text-align: start;
    text-indent: 0;
    text-shadow: none;
    text-transform: none;
    white-space: normal;
    word-break: normal;
    word-spacing: normal;
  }
  /* Safari before 17.5: the light theme. */
  @supports not (color: light-dark(#000, #fff)) {
    :host {
      --_paper: var(--underpaint-paper, #f5f2ec);
      --_surface: var(--underpaint-surface, #fffdf9);
      --_raised: var(--underpaint-raised, #efeae1);
      --_line: var(--underpaint-line, #ddd6c9);
      --_text: var(--underpaint-text, #24211c);
      --_muted: var(--underpaint-muted, #665f54);
      --_accent: var(--underpaint-accent, #1f6569);
      --_on-accent: var(--underpaint-on-accent, #fff);
      --_warn: var(--underpaint-warn, #8f4a12);
      --_shadow: 0 1px 2px rgb(60 45 20 / 8%);
      color-scheme: light;
    }
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    touch-action: manipulation;
  }
  /* As large as a fingertip. The labels of check boxes and radio buttons are as large too. */
  button,
  select,
  input:not([type='checkbox'], [type='radio']) {
    min-inline-size: 40px;
    min-block-size: 40px;
  }
  button[aria-disabled='true'] {
    cursor: default;
    opacity: 0.4;
  }
  [hidden] {
    display: none !important;
  }
  [inert] {
    opacity: 0.45;
  }
  .quiet {
    display: inline-grid;
    place-items: center;
    inline-size: 40px;
    block-size: 40px;
    padding: 0;
    border: 0;
    border-radius: 10px;
    background: none;
    color: var(--_muted);
    transition:
      background-color 120ms,
      color 120ms;
  }
  .quiet:hover:not([aria-disabled='true'], [aria-pressed='true']) {
    background: var(--_raised);
    color: var(--_text);
  }
  .quiet[aria-pressed='true'] {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  input[type='range'] {
    --_track: 4px;
    appearance: none;
    inline-size: 100%;
    block-size: 40px;
    margin: 0;
    background: none;
    cursor: pointer;
    accent-color: var(--_accent);
    border-radius: 6px;
  }
  input[type='range']::-webkit-slider-runnable-track {
    block-size: var(--_track);
    border-radius: 2px;
    background: var(--_line);
  }
  input[type='range']::-moz-range-track {
    block-size: var(--_track);
    border-radius: 2px;
    background: var(--_line);
  }
  input[type='range']::-webkit-slider-thumb {
    appearance: none;
    inline-size: 16px;
    block-size: 16px;
    margin-block-start: -6px;
    border: 0;
    border-radius: 50%;
    background: var(--_accent);
  }
  input[type='range']::-moz-range-thumb {
    inline-size: 16px;
    block-size: 16px;
    border: 0;
    border-radius: 50%;
    background: var(--_accent);
  }
  /* Phones zoom the page when a field with a smaller font gets the focus. */
  @media (pointer: coarse) {
    input {
      font-size: 16px !important;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
      animation: none !important;
    }
  }
`;
