// The question field: a combobox that suggests questions while the member types, also mid-composition.

import { button, element, icon, safeHtml } from './dom.js';
import { fetchHits } from './client.js';
import { deskById } from './contact.js';

const DEBOUNCE = 100;
const SETTLED = 50;
const ANNOUNCE_AFTER = 500;

let compositionEnded = -Infinity;

/**
 * Whether a key belongs to the input method. Safari ends the composition before it reports the
 * Enter that ended it, so keys just after the end belong to it too.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229 || event.timeStamp - compositionEnded <= SETTLED;
}

export class SearchBox {
  /** @type {Hit[]} */
  #hits = [];
  #active = -1;
  #query = '';
  #shown = '';
  #latest = new AbortController();
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #speaking;

  /**
   * @param {Context} context
   * @param {(question: string, entry?: string) => void} onAsk
   */
  constructor(context, onAsk) {
    const { say } = context;
    this.context = context;
    this.onAsk = onAsk;
    this.input = element('input', {
      type: 'text',
      role: 'combobox',
      name: 'q',
      maxlength: CONFIG.longest_question,
      placeholder: say('ask_placeholder'),
      'aria-label': say('ask_label'),
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': 'hits',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      enterkeyhint: 'send',
      input: () => this.#typed(),
      blur: () => this.close(),
      compositionend: (/** @type {Event} */ event) => (compositionEnded = event.timeStamp),
      keydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.list = element('ul', { id: 'hits', role: 'listbox', 'aria-label': say('hits_label') });
    this.none = element('p', { class: 'none' }, say('hits_none'));
    // Pressing on the list must not take the focus out of the field.
    this.popup = element(
      'div',
      { class: 'popup', hidden: true, mousedown: (/** @type {Event} */ event) => event.preventDefault() },
      this.list,
      this.none,
    );
    this.warning = element('p', { class: 'warning', role: 'alert', hidden: true });
    const send = button({ class: 'send', click: () => this.#submit() }, icon('send'), element('span', {}, say('send')));
    this.root = element(
      'div',
      { class: 'search', role: 'search' },
      element('div', { class: 'field' }, this.input, send, this.popup),
      this.warning,
    );
  }

  get isOpen() {
    return !this.popup.hidden;
  }

  /** @param {string} text */
  fill(text) {
    this.input.value = text;
    this.#query = text.trim();
    this.#warn();
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#speaking);
    this.#latest.abort();
    this.#hide();
  }

  /** Unlike closing, leaves what was typed meanwhile to be looked up. */
  #hide() {
    this.popup.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.#activate(-1);
  }

  #typed() {
    const query = this.input.value.trim();
    this.#warn();
    this.#activate(-1);
    clearTimeout(this.#timer);
    if (!query) this.close();
    else if (!this.#query) this.#suggest(query);
    else this.#timer = window.setTimeout(() => this.#suggest(query), DEBOUNCE);
    this.#query = query;
  }

  /** @param {string} query */
  async #suggest(query) {
    this.#latest.abort();
    if (query === this.#shown) return this.#show();
    const { signal } = (this.#latest = new AbortController());
    try {
      const hits = await fetchHits(this.context, query, signal);
      if (signal.aborted) return;
      this.#hits = hits;
      this.#shown = query;
      this.#render();
      // One letter says so little that "no match" would only flash up.
      if (hits.length || query.length > 1) this.#show();
      else this.#hide();
    } catch {
      // Suggestions are an extra: without them a question can still be asked.
      if (!signal.aborted) this.#hide();
    }
  }

  #render() {
    const { desk, language } = this.context;
    this.#active = -1;
    this.input.removeAttribute('aria-activedescendant');
    const options = this.#hits.map((hit, at) => {
      const programme = deskById(hit.desk)?.programme[language];
      return element(
        'li',
        { id: `hit-${at}`, role: 'option', 'aria-selected': 'false', click: () => this.#choose(at) },
        element('span', { lang: 'ja' }, safeHtml(hit.question_html, hit.question)),
        desk || !programme ? element('small', { lang: 'ja' }, hit.category) : element('small', {}, programme),
      );
    });
    this.list.replaceChildren(...options);
    this.list.scrollTop = 0;
  }

  #show() {
    const { say, announce } = this.context;
    const count = this.#hits.length;
    this.list.hidden = !count;
    this.none.hidden = count > 0;
    this.popup.hidden = false;
    this.input.setAttribute('aria-expanded', String(count > 0));
    clearTimeout(this.#speaking);
    this.#speaking = window.setTimeout(
      () => announce(count ? say('hits_count', { count }) : say('hits_none')),
      ANNOUNCE_AFTER,
    );
  }

  /** @param {number} at -1 is the field itself */
  #activate(at) {
    this.list.children[this.#active]?.setAttribute('aria-selected', 'false');
    this.#active = at;
    const option = this.list.children[at];
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) this.input.setAttribute('aria-activedescendant', option.id);
    else this.input.removeAttribute('aria-activedescendant');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const stops = this.#hits.length + 1;
      if (this.isOpen) this.#activate(((this.#active + 1 + step + stops) % stops) - 1);
      else if (this.#query) this.#suggest(this.#query);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (this.#active >= 0) this.#choose(this.#active);
      else this.#submit();
    }
  }

  /** @param {number} at */
  #choose(at) {
    const { id, question } = this.#hits[at];
    this.#clear();
    this.onAsk(question, id);
  }

  #submit() {
    const question = this.input.value.trim();
    if (!question) return this.input.focus();
    this.#clear();
    this.onAsk(question);
  }

  #clear() {
    this.close();
    this.fill('');
  }

  #warn() {
    const longest = CONFIG.longest_question;
    const full = this.input.value.length >= longest;
    if (full === !this.warning.hidden) return;
    this.warning.hidden = !full;
    this.warning.textContent = full ? this.context.say('too_long', { longest }) : '';
  }
}
