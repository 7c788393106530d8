// The question field: a combobox that suggests questions while typing, also during composition.

import { button, element, icon, link, safeHtml, titleOf } from './dom.js';
import { fetchHits } from './client.js';
import { deskById } from './contact.js';

// Nobody reads a list that is replaced sooner.
const DEBOUNCE_MS = 200;
const COMPOSITION_SETTLE_MS = 50;
const ANNOUNCE_DELAY_MS = 500;

let compositionEnded = -Infinity;

/**
 * Returns whether a key event belongs to the input method. Safari reports the Enter that ends a
 * composition after its end, so keys within COMPOSITION_SETTLE_MS of the end count too.
 * @param {KeyboardEvent} event
 */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229 || event.timeStamp - compositionEnded <= COMPOSITION_SETTLE_MS;
}

export class SearchBox {
  /** @type {Hit[]} */
  #hits = [];
  #active = -1;
  #query = '';
  #renderedQuery = '';
  #latest = new AbortController();
  /** @type {number | undefined} */
  #debounceTimer;
  /** @type {number | undefined} */
  #announceTimer;

  /**
   * @param {Context} context
   * @param {'search' | 'send'} label the key of the button's label
   * @param {(question: string, entry?: string) => void} onAsk
   */
  constructor(context, label, onAsk) {
    const { sentence } = context;
    this.context = context;
    this.onAsk = onAsk;
    this.input = element('input', {
      type: 'text',
      role: 'combobox',
      name: 'q',
      maxlength: CONFIG.longest_question,
      placeholder: sentence('ask_placeholder'),
      'aria-label': sentence('ask_label'),
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
    this.list = element('ul', { id: 'hits', role: 'listbox', 'aria-label': sentence('hits_label') });
    this.none = element('p', { class: 'none' }, sentence('hits_none'));
    // A press on the list must not move the focus out of the field.
    this.popup = element(
      'div',
      { class: 'popup', hidden: true, mousedown: (/** @type {Event} */ event) => event.preventDefault() },
      this.list,
      this.none,
    );
    this.warning = element('p', { class: 'warning', role: 'alert', hidden: true });
    const send = button({ class: 'send', click: () => this.#submit() }, icon('send'), element('span', {}, sentence(label)));
    const { notice, privacy } = CONFIG.brand;
    const policy = privacy && link(privacy, sentence('privacy'));
    this.root = element(
      'div',
      { class: 'search', role: 'search' },
      element('div', { class: 'field' }, this.input, send, this.popup),
      this.warning,
      notice || policy ? element('p', { class: 'notice' }, notice?.[context.language], ' ', policy) : null,
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
    clearTimeout(this.#debounceTimer);
    clearTimeout(this.#announceTimer);
    this.#latest.abort();
    this.#hide();
  }

  /** Hides the list. Unlike close(), keeps the pending lookup of newly typed text. */
  #hide() {
    this.popup.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.#activate(-1);
  }

  #typed() {
    const query = this.input.value.trim();
    this.#warn();
    this.#activate(-1);
    clearTimeout(this.#debounceTimer);
    if (!query) this.close();
    else if (!this.#query) this.#suggest(query);
    else this.#debounceTimer = window.setTimeout(() => this.#suggest(query), DEBOUNCE_MS);
    this.#query = query;
  }

  /** @param {string} query */
  async #suggest(query) {
    this.#latest.abort();
    if (query === this.#renderedQuery) return this.#show();
    const { signal } = (this.#latest = new AbortController());
    try {
      const hits = await fetchHits(this.context, query, signal);
      if (signal.aborted) return;
      this.#hits = hits;
      this.#renderedQuery = query;
      this.#render();
      // After a single letter, "no match" would show only for a moment.
      if (hits.length || query.length > 1) this.#show();
      else this.#hide();
    } catch {
      // Suggestions are optional: the question can be asked without them.
      if (!signal.aborted) this.#hide();
    }
  }

  #render() {
    const { desk, language, sentence } = this.context;
    this.#active = -1;
    this.input.removeAttribute('aria-activedescendant');
    const options = this.#hits.map((hit, at) => {
      const known = deskById(hit.desk);
      const programme = known?.programme[language];
      const { title, lang } = titleOf(language, hit);
      return element(
        'li',
        { id: `hit-${at}`, role: 'option', 'aria-selected': 'false', click: () => this.#choose(at) },
        hit.topic
          ? element('span', {}, sentence('suggested_desk', { topic: hit.topic, desk: known?.name[language] ?? hit.desk }))
          : element('span', { lang }, title === hit.question ? safeHtml(hit.question_html, title) : title),
        hit.topic ? null : element('small', {}, (desk ? '' : programme) || hit.category_titles?.[language] || hit.category),
      );
    });
    this.list.replaceChildren(...options);
    this.list.scrollTop = 0;
  }

  #show() {
    const { sentence, announce } = this.context;
    const count = this.#hits.length;
    this.list.hidden = !count;
    this.none.hidden = count > 0;
    this.popup.hidden = false;
    this.input.setAttribute('aria-expanded', String(count > 0));
    clearTimeout(this.#announceTimer);
    this.#announceTimer = window.setTimeout(
      () => announce(count ? sentence('hits_count', { count }) : sentence('hits_none')),
      ANNOUNCE_DELAY_MS,
    );
  }

  /** @param {number} at the index of the option; -1 for the field itself */
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
    const hit = this.#hits[at];
    const typed = this.input.value.trim();
    this.#clear();
    if (hit.topic) this.onAsk(typed);
    else this.onAsk(titleOf(this.context.language, hit).title, hit.id);
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
    this.warning.textContent = full ? this.context.sentence('too_long', { longest }) : '';
  }
}
