import { EarlyDesk } from './early.js';

/*
 * The page shows a sheet and a field for the words before the studio is loaded, which takes seconds on a slow network.
 */
const shell = new EarlyDesk(document.querySelector<HTMLElement>('#shell')!);
void import('./studio-page.js').then(({ takeOver }) => takeOver(shell));
