import { toggle } from '../config/option.js';

/** Options that several commands have. */
export const JSON_OPTION = { json: toggle({ help: 'print one JSON value and nothing else', default: false }) };
