import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { Translation } from './strings/strings.js';

/** Base of the elements with texts. Each brings its own in English. */
export abstract class TextElement<Texts extends Translation> extends LitElement {
  protected abstract readonly english: Texts;
  #language: Translation = {};
  #chosen: Translation = {};
  #all: (Texts & Translation) | null = null;

  /** The texts of the element. Setting some replaces these; the others are those of the language, or English. */
  @property({ attribute: false })
  get strings(): Texts & Translation {
    return (this.#all ??= { ...this.english, ...this.#language, ...this.#chosen });
  }

  set strings(some: Translation) {
    this.#chosen = some;
    this.#all = null;
  }

  /** Sets the texts of a language. */
  protected setLanguage(language: Translation): void {
    this.#language = language;
    this.strings = this.#chosen;
  }
}
