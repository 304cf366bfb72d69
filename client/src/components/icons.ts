import { svg, type SVGTemplateResult } from 'lit';

/** Line drawings on a 24 x 24 grid; they take the colour of the text around them. late-icons.ts has more. */
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
  background: svg`<rect x="3.5" y="5" width="17" height="14" rx="2"/><circle cx="8.5" cy="10" r="1.5"/><path d="m4 17 5-4.5 3.5 3 3-2.5 4.5 4"/>`,
  drawings: svg`<rect x="7.5" y="3.5" width="13" height="13" rx="2"/><path d="M16.5 19.5a1.5 1.5 0 0 1-1.5 1.5H5a1.5 1.5 0 0 1-1.5-1.5V9A1.5 1.5 0 0 1 5 7.5"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  side: svg`<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M12 5.5v13"/>`,
  overlay: svg`<rect x="3.5" y="3.5" width="12" height="12" rx="2"/><rect x="8.5" y="8.5" width="12" height="12" rx="2" fill="currentColor" fill-opacity=".25"/>`,
  split: svg`<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M12 3v18M9 10l-2 2 2 2M15 10l2 2-2 2"/>`,
  result: svg`<rect x="3.5" y="4.5" width="17" height="15" rx="2" fill="currentColor" fill-opacity=".25"/>`,
  fullscreen: svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>`,
  freeze: svg`<path d="M9 5.5v13M15 5.5v13"/>`,
  snapshot: svg`<path d="M4 8.5h3.5L9 6h6l1.5 2.5H20V19H4z"/><circle cx="12" cy="13.5" r="3.2"/>`,
  reuse: svg`<path d="M20 12H5M11 5.5 4.5 12l6.5 6.5"/>`,
  save: svg`<path d="M12 4v11M7.5 11 12 15.5l4.5-4.5M5 20h14"/>`,
  help: svg`<circle cx="12" cy="12" r="8.5"/><path d="M9.7 9.5a2.4 2.4 0 1 1 3.6 2c-.8.5-1.3 1-1.3 2M12 16.5v.1"/>`,
  share: svg`<circle cx="9" cy="8.5" r="3"/><path d="M3.5 19c0-3.2 2.3-5 5.5-5s5.5 1.8 5.5 5M17.5 8v6M14.5 11h6"/>`,
  lock: svg`<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>`,
  unlock: svg`<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V7.5a3.5 3.5 0 0 1 6.8-1"/>`,
  camera: svg`<rect x="3.5" y="6.5" width="12" height="11" rx="2"/><path d="m15.5 11 5-3v8l-5-3"/>`,
  layers: svg`<path d="m12 4 8.5 4.5L12 13 3.5 8.5zM4 12.5l8 4.3 8-4.3M4 16.3l8 4.2 8-4.2"/>`,
  select: svg`<path d="m5.5 3.5 13 8.2-6 1.2-3 5.6z"/>`,
  idea: svg`<path d="M9 17.5h6M10 20.5h4M9 17.5c0-2.5-3-3.5-3-7.5a6 6 0 0 1 12 0c0 4-3 5-3 7.5"/>`,
  dice: svg`<rect x="4" y="4" width="16" height="16" rx="3.5"/><g fill="currentColor" stroke="none"><circle cx="8.5" cy="8.5" r="1.4"/><circle cx="15.5" cy="8.5" r="1.4"/><circle cx="12" cy="12" r="1.4"/><circle cx="8.5" cy="15.5" r="1.4"/><circle cx="15.5" cy="15.5" r="1.4"/></g>`,
} as const;

export type IconName = keyof typeof ICONS;

export function icon(name: IconName): SVGTemplateResult {
  return drawIcon(ICONS[name]);
}

export function drawIcon(shape: SVGTemplateResult): SVGTemplateResult {
  return svg`<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shape}</svg>`;
}
