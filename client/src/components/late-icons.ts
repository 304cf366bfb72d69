import { svg, type SVGTemplateResult } from 'lit';
import { drawIcon, icon, type IconName } from './icons.js';

/** The icons of elements that are loaded when they are used. */
const LATE_ICONS = {
  previous: svg`<path d="m14.5 5-7 7 7 7"/>`,
  next: svg`<path d="m9.5 5 7 7-7 7"/>`,
  turn: svg`<path d="M4 11a8 8 0 0 1 14-4l2 2M20 4.5V9h-4.5M20 13a8 8 0 0 1-14 4l-2-2M4 19.5V15h4.5"/>`,
  screen: svg`<rect x="3.5" y="5" width="17" height="11" rx="2"/><path d="M9 20h6M12 16v4"/>`,
  eye: svg`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>`,
  add: svg`<path d="M12 5v14M5 12h14"/>`,
  merge: svg`<path d="M12 4v9M8 9.5l4 4 4-4M4 17l8 4 8-4"/>`,
  toFront: svg`<path d="M5 4h14M12 20V8M7.5 12.5 12 8l4.5 4.5"/>`,
  forward: svg`<path d="M12 19V6M7.5 10.5 12 6l4.5 4.5"/>`,
  backward: svg`<path d="M12 5v13M7.5 13.5 12 18l4.5-4.5"/>`,
  toBack: svg`<path d="M5 20h14M12 4v12M7.5 11.5 12 16l4.5-4.5"/>`,
  duplicate: svg`<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M16 4.5H6A1.5 1.5 0 0 0 4.5 6v10"/>`,
  remove: svg`<path d="M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13"/>`,
  file: svg`<path d="M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4"/>`,
  more: svg`<g fill="currentColor" stroke="none"><circle cx="5.5" cy="12" r="1.6"/><circle cx="12" cy="12" r="1.6"/><circle cx="18.5" cy="12" r="1.6"/></g>`,
} as const;

export type LateIconName = keyof typeof LATE_ICONS | IconName;

export function lateIcon(name: LateIconName): SVGTemplateResult {
  return name in LATE_ICONS ? drawIcon(LATE_ICONS[name as keyof typeof LATE_ICONS]) : icon(name as IconName);
}
