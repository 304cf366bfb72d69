import '../components/studio-elements.js';
import { answerParent, parentOrigin } from './frame-messages.js';

/*
 * The page for frames on other sites: a studio without a brand. Its address sets it up.
 *
 *     /embed?prompt=misty+mountains&view=split&input=webcam&starter&autosave=shop&theme=dark&language=de
 *
 * The page around the frame talks to it by messages: see frame-messages.ts.
 */
const ATTRIBUTES = ['prompt', 'view', 'input', 'starter', 'autosave', 'person', 'features', 'language'] as const;

const wanted = new URLSearchParams(location.search);
const studio = document.createElement('underpaint-studio');
studio.pageKeys = true;
for (const name of ATTRIBUTES) {
  const value = wanted.get(name);
  if (value !== null) studio.setAttribute(name, value);
}
const theme = wanted.get('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.style.colorScheme = theme;
// In a sandboxed frame this page has no origin of its own. The pass shows the server that it is this page.
const pass = document.querySelector<HTMLMetaElement>('meta[name=underpaint-pass]')?.content;
if (globalThis.origin === 'null' && pass !== undefined) studio.server = `./?pass=${pass}`;
document.querySelector('main')!.append(studio);
const origin = parentOrigin(wanted);
if (origin !== null) answerParent(studio, origin);
