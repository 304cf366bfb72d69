import { css } from 'lit';

export const styles = css`
  .open {
    display: flex;
    gap: 6px;
    align-items: center;
    block-size: 40px;
    padding: 0 8px;
    border: 0;
    border-radius: 999px;
    background: var(--_raised);
    color: var(--_text);
    font-size: 13px;
  }
  .faces {
    display: flex;
  }
  .face {
    display: grid;
    place-items: center;
    inline-size: 24px;
    block-size: 24px;
    border: 2px solid var(--_raised);
    border-radius: 50%;
    background: var(--_colour);
    color: #fff;
    font-size: 11px;
    font-weight: 600;
  }
  .face::before {
    content: attr(data-initial);
  }
  .face + .face {
    margin-inline-start: -8px;
  }
  .face.more {
    --_colour: var(--_text);
    color: var(--_paper);
  }
  dialog {
    inline-size: min(440px, 92vw);
    max-block-size: 88dvh;
  }
  underpaint-invite {
    display: block;
    margin-block-start: 16px;
    padding-block-start: 16px;
    border-block-start: 1px solid var(--_line);
  }
  .count {
    display: none;
  }
  /* Within a narrow studio. */
  @container (inline-size < 640px) {
    .status,
    .faces {
      display: none;
    }
    .count {
      display: inline;
    }
  }
  .leave {
    display: block;
    margin: 18px auto 0;
    padding: 4px 12px;
    border: 0;
    border-radius: 999px;
    background: none;
    color: var(--_muted);
    text-decoration: underline;
  }
  @media (max-width: 640px) {
    dialog {
      padding-inline: 16px;
    }
  }
`;
