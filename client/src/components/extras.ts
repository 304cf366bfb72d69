import { defineElements } from './define-elements.js';
import { ResultsController } from '../controllers/results-controller.js';
import { UnderpaintDrawings } from './underpaint-drawings/underpaint-drawings.js';
import { UnderpaintHelp } from './underpaint-help/underpaint-help.js';
import { UnderpaintSnapshots } from './underpaint-snapshots/underpaint-snapshots.js';

/*
 * The code that a studio loads after its first picture, or earlier if the person opens one of the dialogs.
 */

export { ResultsController };

/** The tags that a studio uses later, with their classes. */
export const EXTRA_ELEMENTS = {
  'underpaint-drawings': UnderpaintDrawings,
  'underpaint-help': UnderpaintHelp,
  'underpaint-snapshots': UnderpaintSnapshots,
} as const;

defineElements(EXTRA_ELEMENTS);
