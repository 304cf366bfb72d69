import { STUDIO_STRINGS } from './studio.js';

/** The texts of the camera, beside those of the studio. */
export const CAMERA_STRINGS = {
  ...STUDIO_STRINGS,
  camera: 'Camera',
  screen: 'Screen',
  file: 'Film from a file',
  stop: 'Stop',
  turn: 'Other camera',
  cameraSources: 'Where the video comes from',
  cameraInvitation: 'Start the camera, share a screen or open a film.',
  cameraStarting: 'Waiting for the camera',
  cameraPaused: 'The system has paused the camera. Close other programs that use it, or start it again.',
  cameraFailure: {
    insecure: 'Browsers do not allow the camera on pages over plain http. Open this page over https or on localhost.',
    denied: "This page may not use the camera. Allow it in the browser's address bar, then start again.",
    missing: 'No camera was found.',
    busy: 'Another program is using the camera.',
    unsupported: 'This browser does not support it.',
    unreadable: 'That file cannot be played.',
  },
  /** @param permission what the site must allow: `camera` or `display-capture` */
  cameraBlocked: (permission: string) =>
    `The site does not allow this here. Its owner must add allow="${permission}" to the <iframe>, and its Permissions-Policy must not forbid it.`,
};

export type CameraStrings = Readonly<typeof CAMERA_STRINGS>;
