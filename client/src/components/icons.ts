import { svg, type SVGTemplateResult } from 'lit';

/** Line drawings on a 24 x 24 grid; they take the colour of the text around them. */
const ICONS = {
  stroke: svg`<path d="M4 20c1.5-.2 3-.7 4-1.7L19.3 7a2.1 2.1 0 0 0-3-3L5 15.3c-1 1-1.2 3-1 4.7z"/><path d="m14.5 6 3.5 3.5"/>`,
  eraser: svg`<path d="m8.5 19-4-4a2 2 0 0 1 0-2.8l8-8a2 2 0 0 1 2.8 0l5 5a2 2 0 0 1 0 2.8L13.5 19z"/><path d="M9 8l7 7M8 19h12"/>`,
  area: svg`<path d="M3 18c2-6 4-10 6-10s2.5 4 4.5 4S16 6 18 6s3 6 3 12z" fill="currentColor" fill-opacity=".25"/>`,
  line: svg`<path d="M5 19 19 5"/>`,
  rectangle: svg`<rect x="4" y="6" width="16" height="12" rx="1"/>`,
  ellipse: svg`<ellipse cx="12" cy="12" rx="8.5" ry="6.5"/>`,
  fill: svg`<path d="m11 4 8 8-6.5 6.5a2 2 0 0 1-2.8 0L4.5 13.3a2 2 0 0 1 0-2.8L11 4zM4.2 12H19"/><path d="M20.5 15.5c1 1.5 1.5 2.3 1.5 3a1.5 1.5 0 0 1-3 0c0-.7.5-1.5 1.5-3z"/>`,
  pick: svg`<path d="m13 8 3 3-8.5 8.5c-.7.7-3 .8-3 .8s.1-2.3.8-3L13 8z"/><path d="m11.5 6.5 6 6M15 9l2.5-2.5a2.1 2.1 0 0 0-3-3L12.5 6"/>`,
  pan: svg`<path d="M12 3v18M3 12h18M12 3 9.5 5.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5"/>`,
  undo: svg`<path d="M8.5 5.5 4 10l4.5 4.5"/><path d="M4 10h10.5a5 5 0 0 1 0 10H11"/>`,
  redo: svg`<path d="M15.5 5.5 20 10l-4.5 4.5"/><path d="M20 10H9.5a5 5 0 0 0 0 10H13"/>`,
  clear: svg`<path d="M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5"/>`,
  dice: svg`<rect x="4" y="4" width="16" height="16" rx="3.5"/><g fill="currentColor" stroke="none"><circle cx="8.5" cy="8.5" r="1.4"/><circle cx="15.5" cy="8.5" r="1.4"/><circle cx="12" cy="12" r="1.4"/><circle cx="8.5" cy="15.5" r="1.4"/><circle cx="15.5" cy="15.5" r="1.4"/></g>`,
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGTemplateResult {
  return svg`<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${ICONS[name]}</svg>`;
}
