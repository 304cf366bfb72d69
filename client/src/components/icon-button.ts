import { html, nothing, type SVGTemplateResult, type TemplateResult } from 'lit';

interface IconButton {
  readonly shape: SVGTemplateResult;
  /** For screen readers, and for a pointer that rests on the button. */
  readonly label: string;
  /** For buttons that show a choice. */
  readonly isPressed?: boolean | undefined;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
}

/** A button with an icon and without visible text. While it is disabled it can still have the focus. */
export function renderIconButton(button: IconButton): TemplateResult {
  const { shape, label, isPressed, isDisabled = false, onClick } = button;
  return html`<button
    class="quiet"
    aria-label=${label}
    title=${label}
    aria-pressed=${isPressed ?? nothing}
    aria-disabled=${isDisabled}
    @click=${() => isDisabled || onClick()}
  >
    ${shape}
  </button>`;
}
