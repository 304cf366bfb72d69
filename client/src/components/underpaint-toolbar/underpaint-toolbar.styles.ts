import { css } from 'lit';

export const styles = css`
  :host {
    display: block;
  }
  /* The surrounding element can make the toolbar horizontal with --_direction: row. */
  [role='toolbar'] {
    display: flex;
    flex-flow: var(--_direction, column) var(--_wrap, nowrap);
    justify-content: var(--_justify, space-between);
    gap: var(--_gap, 4px);
    padding: 4px;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
  }
  .group {
    display: var(--_group, flex);
    flex-direction: inherit;
    flex-wrap: inherit;
  }
  .group + .group {
    padding-block-start: var(--_group-gap, 6px);
    border-block-start: var(--_divider, 1px solid var(--_line));
  }
`;
