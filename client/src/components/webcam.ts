import { defineElements } from './define-elements.js';
import { UnderpaintWebcam } from './underpaint-webcam/underpaint-webcam.js';

/*
 * The camera, which the page loads when it is used.
 */

/** Its tag, with its class. */
export const WEBCAM_ELEMENTS = { 'underpaint-webcam': UnderpaintWebcam } as const;

defineElements(WEBCAM_ELEMENTS);
