import { UnderpaintStudio } from './components/underpaint-studio/underpaint-studio.js';
import './define.js';

export * from './index.js';

// On every page, the studio connects to the server that delivered the script.
const script = import.meta.url;
UnderpaintStudio.defaultServer = new URL('./', script).href;
