import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
    position: relative;
    /* Never shorter than its content. */
    min-block-size: min-content;
    background: var(--_paper);
  }
  .frame {
    --_tools: 60px;
    --_ratio: 1;
    --_height: var(--underpaint-height, 100dvh);
    /* Below 364px the sketch puts its tools under the stage: see its own styles. */
    --_stage: min(var(--underpaint-stage-max, 640px), (100cqi - 136px) / 2, max(364px, var(--_height) - 290px));
    --_beside-sketch: -24px;
    container-type: inline-size;
    min-block-size: 100%;
    overflow-x: clip;
  }
  .bar {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    padding: 8px 24px;
  }
  /* It begins at the same place however long its words are. */
  underpaint-status {
    flex: 1;
    align-self: stretch;
    justify-content: end;
  }
  .inputs {
    display: flex;
    border-radius: 999px;
    background: var(--_raised);
  }
  .inputs button {
    padding: 4px 11px;
    border: 4px solid transparent;
    border-radius: 999px;
    background: none;
    color: var(--_muted);
    font-size: 13px;
  }
  .inputs svg {
    display: none;
  }
  .inputs button[aria-pressed='true'] {
    background: var(--_surface) padding-box;
    color: var(--_text);
  }
  .desk {
    --_extent: 0px;
    display: grid;
    grid-template:
      'source view' auto
      'source tools' auto
      'source controls' 1fr
      'strip strip' auto
      / calc(var(--_stage) + var(--_tools)) var(--_stage);
    gap: 8px 28px;
    justify-content: center;
    padding: 4px 20px 24px;
  }
  .source {
    grid-area: source;
  }
  underpaint-webcam {
    margin-inline-start: var(--_tools);
    align-self: start;
  }
  underpaint-view {
    grid-area: view;
  }
  .tools {
    grid-area: tools;
    display: grid;
    gap: 8px;
    align-content: start;
  }
  underpaint-snapshots {
    grid-area: strip;
    margin-inline-start: var(--_tools);
  }
  slot[name='controls'] {
    display: contents;
  }
  underpaint-controls,
  ::slotted([slot='controls']) {
    grid-area: controls;
  }
  /* Over the lower edge of the picture, where there are no controls. Pointers go through it. */
  .notice {
    grid-area: view;
    align-self: start;
    z-index: 3;
    display: grid;
    place-items: end center;
    box-sizing: border-box;
    block-size: calc(var(--_stage) / var(--_ratio));
    margin: 0;
    padding: 12px;
    pointer-events: none;
  }
  .notice span {
    padding: 10px 18px;
    border-radius: 999px;
    background: var(--_text);
    color: var(--_paper);
    box-shadow: var(--_shadow);
  }

  /* The picture over its source: one stage, as large as possible, with the controls beside it. */
  .desk:is(.overlay, .split, .result) {
    --_side: clamp(280px, 30cqi, 380px);
    --_stage: min(
      var(--underpaint-stage-max, 760px),
      100cqi - var(--_side) - var(--_tools) - 68px,
      max(364px, var(--_height) - 170px)
    );
    grid-template:
      'source tools' auto
      'source controls' 1fr
      'strip strip' auto
      / calc(var(--_stage) + var(--_tools)) var(--_side);
  }
  .desk:is(.overlay, .split, .result) :is(underpaint-view, .notice) {
    grid-area: source;
    align-self: start;
    margin-inline-start: var(--_tools);
  }
  .desk:is(.overlay, .split) underpaint-view {
    z-index: 1;
    pointer-events: none;
  }
  .desk.overlay underpaint-view:not(:fullscreen) {
    opacity: var(--_blend);
  }
  /* The line runs through the middle of the slider's thumb. */
  .desk.split {
    --_grip: 24px;
    --_handle: 40px;
  }
  @media (pointer: coarse) {
    .desk.split {
      --_grip: 40px;
    }
  }
  .desk.split underpaint-view:not(:fullscreen) {
    clip-path: inset(0 0 0 calc(var(--_handle) / 2 + var(--_blend) * (100% - var(--_handle))));
  }
  /* As large as the picture, whose left part is cut off in both writing directions. */
  .split-line {
    grid-area: source;
    align-self: start;
    position: relative;
    z-index: 1;
    inline-size: var(--_stage);
    block-size: calc(var(--_stage) / var(--_ratio));
    margin-inline-start: var(--_tools);
    pointer-events: none;
  }
  .split-line > * {
    position: absolute;
    inset: 0;
    block-size: 100%;
    direction: ltr;
  }
  .split-line > .line {
    inline-size: var(--_grip);
    right: auto;
    left: calc(var(--_handle) / 2 + var(--_blend) * (100% - var(--_handle)) - var(--_grip) / 2);
    touch-action: none;
    cursor: ew-resize;
    pointer-events: auto;
  }
  .split-line > .line::before {
    content: '';
    display: block;
    inline-size: 2px;
    block-size: 100%;
    margin: 0 auto;
    background: #fff;
    box-shadow: 0 0 4px rgb(0 0 0 / 40%);
  }
  .split-line > .blend {
    --_track: 100%;
  }
  .split-line > .blend::-webkit-slider-runnable-track {
    display: grid;
    align-items: center;
    background: none;
  }
  .split-line > .blend::-moz-range-track {
    background: none;
  }
  .split-line > .blend::-webkit-slider-thumb {
    inline-size: var(--_handle);
    block-size: var(--_handle);
    margin: 0;
    border: 2px solid #fff;
    box-shadow: 0 1px 6px rgb(0 0 0 / 40%);
    cursor: ew-resize;
    pointer-events: auto;
  }
  .split-line > .blend::-moz-range-thumb {
    inline-size: var(--_handle);
    block-size: var(--_handle);
    border: 2px solid #fff;
    cursor: ew-resize;
    pointer-events: auto;
  }
  .desk.result .source {
    display: none;
  }

  @container (inline-size < 900px) {
    .desk.side {
      --_tools: 0px;
      --_stage: min((100cqi - 40px) / 2, max(240px, var(--_height) - 84px));
      grid-template-columns: repeat(2, var(--_stage));
      gap: 8px 16px;
      padding-inline: 12px;
    }
    .desk:is(.overlay, .split, .result) {
      --_stage: min(100cqi - 98px, max(364px, var(--_height) - 380px));
      grid-template:
        'source' auto
        'tools' auto
        'controls' auto
        'strip' auto
        / calc(var(--_stage) + var(--_tools));
    }
    .desk:is(.overlay, .split, .result) :is(.tools, underpaint-controls) {
      margin-inline-start: var(--_tools);
    }
  }

  @container (inline-size < 640px) {
    .bar {
      gap: 4px;
      padding: 4px 12px;
    }
    .inputs button {
      display: grid;
      place-items: center;
      padding: 4px 6px;
    }
    .inputs svg {
      display: block;
    }
    .inputs span {
      inline-size: 0;
      block-size: 0;
      overflow: hidden;
    }
    .desk.side,
    .desk:is(.overlay, .split, .result) {
      --_tools: 0px;
      --_tall: max(230px, 0.35 * var(--_height));
      --_stage: min(100cqi - 24px, var(--_tall));
      grid-template:
        'view' auto
        'source' auto
        'tools' auto
        'controls' auto
        'strip' auto
        / minmax(0, 1fr);
      justify-items: center;
      padding: 0 12px 16px;
    }
    .desk > *,
    underpaint-controls,
    ::slotted([slot='controls']) {
      inline-size: 100%;
      max-inline-size: 560px;
    }
    .desk > :is(underpaint-webcam, underpaint-view, .split-line, .notice) {
      max-inline-size: var(--_stage);
    }
    .desk:is(.overlay, .split, .result) {
      --_tall: calc(0.56 * var(--_height));
    }
    .desk:is(.overlay, .split) :is(underpaint-view, .notice) {
      grid-area: source;
    }
  }

  @container (inline-size < 420px) {
    .bar {
      gap: 4px 0;
    }
  }

  /* A phone on its side: the sheet and the picture as high as the screen allows, over one row with words and strength. */
  @media (max-height: 500px) {
    @container (inline-size >= 540px) {
      .bar {
        padding: 2px 16px;
      }
      .desk.side {
        --_tools: 100px;
        --_stage: min((100cqi - 148px) / 2, max(170px, var(--_height) - 108px));
        --_under: 54px;
        grid-template:
          'source view' auto
          'source controls' auto
          'source tools' 1fr
          'strip strip' auto
          / calc(var(--_stage) + var(--_tools)) var(--_stage);
        justify-items: stretch;
        gap: 6px 16px;
        padding: 2px 16px 16px;
      }
      /* Over the gap below the sheet. Pointers reach the brush between its parts. */
      .desk.side underpaint-controls {
        grid-column: 1 / -1;
        max-inline-size: none;
        margin-inline-start: var(--_tools);
        pointer-events: none;
        z-index: 1;
      }
      .desk:is(.overlay, .split, .result) {
        --_tools: 100px;
        --_side: clamp(220px, 34cqi, 380px);
        --_stage: min(100cqi - var(--_side) - 148px, max(170px, var(--_height) - 56px));
        grid-template:
          'source tools' auto
          'source controls' 1fr
          'strip strip' auto
          / calc(var(--_stage) + var(--_tools)) var(--_side);
        justify-items: stretch;
        gap: 6px 16px;
        padding: 2px 16px 16px;
      }
      .desk:is(.overlay, .split, .result) :is(.tools, underpaint-controls) {
        margin-inline-start: 0;
      }
      .desk > *,
      .desk > :is(underpaint-webcam, underpaint-view, .split-line, .notice),
      .desk underpaint-controls,
      .desk ::slotted([slot='controls']) {
        inline-size: auto;
        max-inline-size: none;
      }
    }
  }
`;
