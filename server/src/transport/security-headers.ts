import type { ServerResponse } from 'node:http';

/** A page needs its own scripts, its own socket, and pictures made in memory; nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** An answer that is no page loads nothing and is shown in no frame, whatever a browser takes it for. */
const NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What no page of ours asks for. Cameras and screens are for `underpaint-webcam`; a site that frames us decides about them. */
const UNUSED_FEATURES = ['geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb'];

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': NOTHING_POLICY,
  // No page that opened ours, or that ours opened, gets a hold of its window.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
};

/** The headers of every answer, good or bad. */
export function setSecurityHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

/**
 * Lets pages of any site use a file: a script tag may load the bundle, and for a frame in a sandbox even our own files are
 * those of another site.
 */
export function openToAllSites(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

/** Lets a page load what it needs, and be shown in frames of these origins. */
export function setPagePolicy(response: ServerResponse, frameAncestors: string): void {
  response.setHeader('Content-Security-Policy', `${PAGE_POLICY}; frame-ancestors ${frameAncestors}`);
}
