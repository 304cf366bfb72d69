import { AttachedController, type AttachedHost } from '../../controllers/attached-controller.js';
import type { Translation } from '../strings/strings.js';

/** The languages beside English. Each is loaded when it is asked for. */
const LANGUAGES: Readonly<Record<string, () => Promise<{ readonly translation: Translation }>>> = {
  de: () => import('../languages/de.js'),
  es: () => import('../languages/es.js'),
  fr: () => import('../languages/fr.js'),
  ja: () => import('../languages/ja.js'),
  zh: () => import('../languages/zh.js'),
};

interface LanguageHost extends AttachedHost, Element {
  readonly language: string;
}

/** Gives the host the texts of its language. */
export class StudioLanguage extends AttachedController<LanguageHost> {
  readonly #onTexts: (texts: Translation) => void;
  #language = '';

  constructor(host: LanguageHost, onTexts: (texts: Translation) => void) {
    super(host);
    this.#onTexts = onTexts;
  }

  protected override beforeUpdate(): void {
    const { language } = this.host;
    const wanted = (language === 'auto' ? languageAround(this.host) : language).toLowerCase().split('-')[0]!;
    if (wanted === this.#language) return;
    this.#language = wanted;
    void this.#load(wanted);
  }

  async #load(language: string): Promise<void> {
    // Without it the texts stay as they are: English, or those of the language before.
    const loaded = await LANGUAGES[language]?.().catch(() => null);
    if (language !== this.#language || loaded === null) return;
    this.#onTexts(loaded?.translation ?? {});
  }
}

function languageAround(element: Element): string {
  return element.closest<HTMLElement>('[lang]')?.lang || navigator.language;
}
