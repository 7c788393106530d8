// The custom element: reads its attributes, builds the parts, opens and closes the panel.

import { button, element, icon, link } from './dom.js';
import { deskById } from './contact.js';
import { Transcript } from './store.js';
import { SearchBox, isComposing } from './search_box.js';
import { Conversation } from './conversation.js';
import { isDarkPage, tint, watchPage } from './colors.js';
import { Sheet } from './sheet.js';

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(STYLE);

const COARSE = matchMedia('(pointer: coarse)');
const COVERING = matchMedia('(max-width: 479.98px), (max-height: 479.98px)');

class MadoguchiWidget extends HTMLElement {
  static observedAttributes = ['desk', 'language', 'theme', 'placement', 'position', 'label', 'greeting', 'featured', 'endpoint', 'compact'];

  /** @type {{ root: HTMLElement, panel: HTMLElement, title: HTMLElement, launcher: HTMLElement | null, box: SearchBox, conversation: Conversation, transcript: Transcript } | null} */
  #parts = null;
  #shadow = this.attachShadow({ mode: 'open' });
  #sheet = new Sheet(() => this.close());
  #typed = '';
  #opensHidden = false;
  /** @type {() => void} */
  #unwatch = () => {};

  constructor() {
    super();
    this.#shadow.adoptedStyleSheets = [SHEET];
  }

  connectedCallback() {
    const fallback = this.querySelector('input');
    const focused = fallback?.matches(':focus');
    this.#render();
    if (fallback?.value) this.#parts?.box.fill(fallback.value);
    if (focused && !this.#parts?.launcher) this.#parts?.box.input.focus();
    else if (focused) this.open();
    this.#unwatch = watchPage(this.#paint);
  }

  disconnectedCallback() {
    this.#unwatch();
    this.#sheet.close();
    // The element may only be moved.
    this.#typed = this.#parts?.box.input.value ?? '';
    this.#parts?.conversation.dispose();
    this.#parts = null;
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.#parts) return;
    if (name === 'theme') this.#paint();
    else this.#render();
  }

  /** Opens the panel; an inline widget is only focused. */
  open() {
    if (this.hidden) {
      this.#opensHidden = true;
      this.hidden = false;
    }
    this.#toggle(true);
    const parts = this.#parts;
    if (parts) (parts.launcher && COARSE.matches ? parts.title : parts.box.input).focus();
  }

  close() {
    const inside = this.#parts?.panel.matches(':focus-within');
    this.#toggle(false);
    if (this.#opensHidden) this.hidden = true;
    else if (inside) this.#parts?.launcher?.focus();
  }

  /** @param {string} question */
  ask(question) {
    this.#ask(String(question).trim());
  }

  /** @returns {Context} */
  #context() {
    const language = this.#language();
    const sentences = CONFIG.sentences[language];
    const desk = this.getAttribute('desk') ?? '';
    const known = deskById(desk) !== undefined;
    if (desk && !known)
      console.warn(`madoguchi-widget: unknown desk "${desk}", expected one of ${CONFIG.desks.map(({ id }) => id).join(', ')}`);
    return {
      endpoint: this.#endpoint(),
      desk: known ? desk : '',
      language,
      sentence: (key, values = {}) =>
        (sentences[key] ?? key).replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder)),
      announce: () => {},
      greeting: this.getAttribute('greeting') ?? '',
      featured: (this.getAttribute('featured') ?? '').split(/[\s,]+/).filter(Boolean),
    };
  }

  /** @param {Translate} sentence */
  #label(sentence) {
    return this.getAttribute('label') || sentence('ask_button');
  }

  #endpoint() {
    // The folder of this script: the service may be below a path of the site.
    const own = new URL('.', import.meta.url).href.replace(/\/+$/, '');
    const wanted = this.getAttribute('endpoint');
    try {
      return wanted ? new URL(wanted, document.baseURI).href.replace(/\/+$/, '') : own;
    } catch {
      console.warn(`madoguchi-widget: invalid endpoint "${wanted}", using ${own}`);
      return own;
    }
  }

  /** @returns {Language} */
  #language() {
    const wanted = [
      this.getAttribute('language'),
      (this.closest('[lang]') ?? document.documentElement).getAttribute('lang'),
      navigator.language,
    ];
    const [found] = wanted.flatMap((tag) => tag?.toLowerCase().match(/^(ja|en)\b/)?.[1] ?? []);
    return found === 'en' ? 'en' : 'ja';
  }

  #render() {
    const before = this.#parts;
    const typed = before?.box.input.value ?? this.#typed;
    this.#typed = '';
    const focused = this.#shadow.activeElement === before?.box.input;
    before?.conversation.dispose();

    const context = this.#context();
    const { sentence } = context;
    const inline = this.getAttribute('placement') === 'inline';
    const status = element('p', { class: 'unseen', role: 'status' });
    context.announce = (text) => {
      // Screen readers repeat the same text only if the region was empty in between.
      status.textContent = '';
      setTimeout(() => (status.textContent = text), 50);
    };
    const key = ['madoguchi', context.endpoint, context.desk, this.id || this.#ordinal()].join(' ');
    const transcript = before?.transcript.key === key ? before.transcript : new Transcript(key);
    const box = new SearchBox(context, inline ? 'search' : 'send', (question, entry) => this.#ask(question, entry));
    const conversation = new Conversation(context, transcript, (answer) => this.#changed(answer));
    const title = deskById(context.desk)?.programme[context.language] ?? sentence('assistant');
    const heading = element('h2', { tabindex: '-1' }, title);
    const tool = (/** @type {'start_over' | 'close'} */ name, /** @type {() => void} */ click) =>
      button({ class: 'tool', 'aria-label': sentence(name), title: sentence(name), click }, icon(name));
    const startOver = tool('start_over', () => {
      conversation.startOver();
      (COARSE.matches ? conversation.log : box.input).focus();
    });
    const footer = element(
      'div',
      { class: 'footer' },
      button({ class: 'plain', click: () => conversation.showContact() }, sentence('show_contact')),
      link(`${context.endpoint}/?lang=${context.language}`, sentence('help_centre')),
      inline ? startOver : null,
    );
    const panel = inline
      ? element('div', { class: 'panel' }, box.root, conversation.log, footer, status)
      : element(
          'div',
          { class: 'panel', id: 'panel', role: 'dialog', 'aria-label': title, hidden: true },
          element(
            'div',
            { class: 'header' },
            heading,
            startOver,
            tool('close', () => this.close()),
          ),
          conversation.log,
          box.root,
          footer,
          status,
        );
    const launcher = inline
      ? null
      : button(
          {
            class: 'launcher',
            'aria-haspopup': 'dialog',
            'aria-expanded': 'false',
            'aria-controls': 'panel',
            click: () => (panel.hidden ? this.open() : this.close()),
          },
          icon('ask'),
          icon('fold'),
          element('span', {}, this.#label(sentence)),
        );
    const side = this.getAttribute('position') === 'left' ? 'floating left' : 'floating';
    const style = inline ? (this.hasAttribute('compact') ? 'inline compact' : 'inline') : side;
    const root = element(
      'div',
      { class: `root ${style}`, lang: context.language, keydown: this.#key },
      launcher,
      panel,
    );

    this.#parts = { root, panel, title: heading, launcher, box, conversation, transcript };
    this.#shadow.replaceChildren(root);
    root.style.setProperty('--new-tab', JSON.stringify(sentence('new_tab')));
    this.#paint();
    this.#changed(null);
    box.fill(typed);
    // After a page change, a panel that would cover the page is not reopened.
    if (before?.launcher ? !before.panel.hidden : transcript.open && !COVERING.matches) this.#toggle(true);
    if (inline) conversation.catchUp();
    if (focused) box.input.focus();
  }

  /** Tells widgets without an id apart; the first of each page shares its conversation. */
  #ordinal() {
    const all = [...document.querySelectorAll('madoguchi-widget:not([id])')];
    return all.indexOf(this) > 0 ? `#${all.indexOf(this)}` : '';
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const parts = this.#parts;
    if (!parts || isComposing(event)) return;
    if (event.key === 'Escape' && (parts.box.isOpen || parts.launcher)) {
      if (parts.box.isOpen) parts.box.close();
      else if (parts.panel.hidden) return;
      else this.close();
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.key === 'Tab' && parts.launcher && COVERING.matches) this.#wrap(event);
    // The page sees the host element instead of the field and would treat letters as shortcuts.
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) event.stopPropagation();
  };

  /**
   * Keeps the focus within a panel that covers the page.
   * @param {KeyboardEvent} event
   */
  #wrap(event) {
    const panel = this.#parts?.panel;
    const all = panel?.querySelectorAll('button, a[href], input, textarea, summary, [tabindex="0"]') ?? [];
    const reached = [...all].filter((it) => it instanceof HTMLElement && it.offsetParent && !it.closest('[hidden]'));
    const [end, other] = event.shiftKey ? [reached[0], reached.at(-1)] : [reached.at(-1), reached[0]];
    if (this.#shadow.activeElement !== end || !(other instanceof HTMLElement)) return;
    event.preventDefault();
    other.focus();
  }

  #paint = () => {
    const theme = this.getAttribute('theme');
    const root = this.#parts?.root;
    if (!root) return;
    root.classList.toggle('dark', theme === 'dark' || (theme !== 'light' && isDarkPage(this)));
    tint(root);
  };

  /** @param {boolean} open */
  #toggle(open) {
    const parts = this.#parts;
    if (!parts?.launcher || parts.panel.hidden === !open) return;
    parts.panel.hidden = !open;
    parts.panel.setAttribute('aria-modal', String(COVERING.matches));
    parts.launcher.setAttribute('aria-expanded', String(open));
    const { sentence } = parts.box.context;
    parts.launcher.lastElementChild?.replaceChildren(open ? sentence('close') : this.#label(sentence));
    parts.box.close();
    parts.transcript.open = open;
    parts.transcript.save();
    if (open) this.#paint();
    if (open && COVERING.matches) this.#sheet.open();
    else this.#sheet.close();
    if (open) parts.conversation.catchUp();
  }

  /**
   * @param {string} question
   * @param {string} [entry]
   */
  #ask(question, entry) {
    const parts = this.#parts;
    if (!parts || !question) return;
    this.#toggle(true);
    if (!entry && question.length > CONFIG.longest_question) return parts.box.fill(question);
    parts.conversation.ask(question, entry);
    // Leaving the field closes a phone's keyboard and makes room for the answer.
    if (COARSE.matches && this.#shadow.activeElement === parts.box.input)
      parts.conversation.log.focus({ preventScroll: true });
  }

  /** @param {Answer | null} answer */
  #changed(answer) {
    const parts = this.#parts;
    parts?.root.classList.toggle('quiet', parts.root.classList.contains('compact') && parts.conversation.isEmpty);
    if (answer) {
      const detail = { outcome: answer.outcome, entry: answer.entry?.id ?? null };
      this.dispatchEvent(new CustomEvent('madoguchi-answer', { detail, bubbles: true, composed: true }));
    }
  }
}

if (!customElements.get('madoguchi-widget')) customElements.define('madoguchi-widget', MadoguchiWidget);
