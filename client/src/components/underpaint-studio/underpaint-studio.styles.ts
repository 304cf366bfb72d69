import { css } from 'lit';

export const styles = css`
  :host {
    --_stage: min(var(--underpaint-stage-max, 640px), (100cqi - 136px) / 2, max(260px, 100dvh - 330px));
    display: block;
    container-type: inline-size;
    background: var(--_paper);
  }
  header {
    display: flex;
    gap: 16px;
    align-items: center;
    justify-content: space-between;
    padding: 14px 24px;
  }
  main {
    display: grid;
    grid-template-columns: calc(var(--_stage) + 58px) var(--_stage);
    gap: 18px 28px;
    justify-content: center;
    align-items: start;
    padding: 4px 20px 24px;
  }
  underpaint-controls {
    grid-column: 1 / -1;
    margin-inline-start: 58px;
  }
  @container (inline-size < 760px) {
    header {
      padding: 10px 14px;
    }
    main {
      grid-template-columns: minmax(0, 1fr);
      justify-items: center;
      gap: 14px;
      padding: 0 12px 16px;
    }
    underpaint-view,
    underpaint-sketch,
    underpaint-controls {
      inline-size: 100%;
      max-inline-size: 560px;
      margin-inline-start: 0;
    }
    underpaint-view {
      order: -1;
      max-inline-size: max(220px, 40dvh);
    }
  }
`;
