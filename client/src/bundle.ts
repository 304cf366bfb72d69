import { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import './define.js';

export * from './index.js';

// The server that gave the script also serves its pictures, whatever page the script is on.
const script = import.meta.url;
UnderpaintStudio.defaultServer = new URL('./', script).href;
