// The log of questions and answers: adds what is new, waits visibly, and never ends in silence.

import { button, element } from './dom.js';
import { Failure, fetchAnswer } from './client.js';
import { deskCards, knownContactPoints } from './contact.js';
import { answerView, greetingView, messageView, waitingView } from './answer_view.js';

const WAIT_SHOWN_AFTER = 300;
const SLOW_AFTER = 3000;

export class Conversation {
  /** @type {Map<Exchange, { bubble: HTMLElement | null, reply: HTMLElement, controller: AbortController }>} */
  #views = new Map();
  /** @type {Exchange | null} */
  #asking = null;
  /** @type {Exchange | null} */
  #cutOff = null;
  /** @type {WeakSet<Exchange>} */
  #reconnected = new WeakSet();
  /** @type {HTMLElement | null} */
  #contact = null;

  /**
   * @param {Context} context
   * @param {import('./store.js').Transcript} transcript
   * @param {(answer: Answer | null) => void} onChange
   */
  constructor(context, transcript, onChange) {
    this.context = context;
    this.transcript = transcript;
    this.onChange = onChange;
    this.log = element('div', {
      class: 'log',
      role: 'log',
      'aria-live': 'polite',
      'aria-label': context.say('conversation_label'),
      tabindex: '0',
    });
    this.#greet();
    this.#restore();
    addEventListener('online', this.#online);
  }

  get isEmpty() {
    return !this.#views.size && !this.#contact;
  }

  dispose() {
    removeEventListener('online', this.#online);
    for (const { controller } of this.#views.values()) controller.abort();
  }

  /**
   * @param {string} question
   * @param {string} [entry] the entry, if the member chose it from a list
   */
  ask(question, entry) {
    this.#begin({ question, entry });
  }

  startOver() {
    for (const { controller } of this.#views.values()) controller.abort();
    this.#views.clear();
    this.#asking = this.#cutOff = this.#contact = null;
    this.transcript.clear();
    this.log.replaceChildren();
    this.#greet();
    this.onChange(null);
  }

  showContact() {
    this.#contact?.remove();
    const { say } = this.context;
    this.#contact = messageView(
      'assistant',
      say('assistant'),
      ...deskCards(this.context, knownContactPoints(this.context)),
    );
    this.log.append(this.#contact);
    this.onChange(null);
    this.#reveal(this.#contact);
  }

  /** Puts the newest question in view, for when the log was hidden as it came. */
  catchUp() {
    const newest = [...this.#views.values()].at(-1);
    if (newest) this.#reveal(newest.bubble ?? newest.reply, 'auto');
  }

  #greet() {
    this.log.append(greetingView(this.context, this.#choose));
  }

  #restore() {
    const { transcript } = this;
    const last = transcript.exchanges.at(-1);
    for (const exchange of [...transcript.exchanges]) {
      try {
        const view = this.#place(exchange);
        if (exchange.answer) this.#fill(exchange);
        else if (exchange === last) this.#run(exchange);
        else view.reply.append(this.#retryButton(exchange));
      } catch {
        // Another version wrote it, or another program: what cannot be shown is forgotten.
        const view = this.#views.get(exchange);
        view?.bubble?.remove();
        view?.reply.remove();
        this.#views.delete(exchange);
        transcript.exchanges = transcript.exchanges.filter((kept) => kept !== exchange);
      }
    }
  }

  /** @param {Exchange} exchange */
  #begin(exchange) {
    const waiting = this.#asking;
    if (waiting && !exchange.feedback) {
      const view = this.#views.get(waiting);
      view?.controller.abort();
      view?.reply.replaceChildren(this.#retryButton(waiting));
    }
    this.transcript.exchanges.push(exchange);
    const { bubble } = this.#place(exchange);
    this.transcript.save();
    this.onChange(null);
    if (bubble) this.#reveal(bubble);
    this.#run(exchange);
  }

  /** @param {Exchange} exchange */
  #place(exchange) {
    const { question } = exchange;
    const bubble = question
      ? messageView('member', this.context.say('you'), element('p', {}, element('bdi', {}, question)))
      : null;
    const reply = element('div', { class: 'reply' });
    const view = { bubble, reply, controller: new AbortController() };
    this.#views.set(exchange, view);
    if (bubble) this.log.append(bubble);
    this.log.append(reply);
    return view;
  }

  /** @param {Exchange} exchange */
  async #run(exchange) {
    const view = this.#views.get(exchange);
    if (!view) return;
    const { reply, controller } = view;
    if (!exchange.feedback) this.#asking = exchange;
    const waiting = waitingView(this.context);
    const timers = [
      setTimeout(() => {
        reply.append(waiting);
        this.#reveal(reply);
      }, WAIT_SHOWN_AFTER),
      setTimeout(() => {
        waiting.append(element('p', {}, this.context.say('failed_slow')));
        this.#reveal(reply);
      }, SLOW_AFTER),
    ];
    try {
      const answer = await fetchAnswer(this.context, exchange, this.transcript.conversation, controller.signal);
      if (controller.signal.aborted) return;
      exchange.answer = answer;
      this.#fill(exchange);
      this.transcript.conversation = answer.conversation ?? this.transcript.conversation;
      this.transcript.save();
      this.onChange(answer);
    } catch (error) {
      if (controller.signal.aborted) return;
      exchange.answer = undefined;
      reply.replaceChildren(this.#failureView(exchange, error instanceof Failure ? error : new Failure('server')));
    } finally {
      timers.forEach(clearTimeout);
      if (this.#asking === exchange) this.#asking = null;
    }
    this.#reveal(view.bubble ?? reply);
  }

  /** @param {Exchange} exchange */
  #fill(exchange) {
    const { answer } = exchange;
    if (!answer) return;
    this.#views.get(exchange)?.reply.replaceChildren(
      answerView(this.context, { ...exchange, answer }, this.#choose, (helpful) => {
        exchange.helpful = helpful;
        this.#begin({ feedback: { answer_id: answer.answer_id, helpful } });
      }),
    );
  }

  #choose = (/** @type {Choice} */ choice) => this.ask(choice.question, choice.id);

  /**
   * @param {Exchange} exchange
   * @param {Failure} failure
   */
  #failureView(exchange, { kind, seconds }) {
    const { say } = this.context;
    const retry = this.#retryButton(exchange);
    if (kind === 'unreachable') this.#cutOff = exchange;
    if (kind === 'busy') {
      retry.disabled = true;
      setTimeout(() => (retry.disabled = false), seconds * 1000);
    }
    return messageView(
      'assistant failure',
      say('assistant'),
      element('p', { class: 'lead' }, say(`failed_${kind}`, { seconds })),
      element('div', { class: 'row' }, retry),
      ...deskCards(this.context, knownContactPoints(this.context)),
    );
  }

  /** @param {Exchange} exchange */
  #retryButton(exchange) {
    return button({ class: 'chip', click: () => this.#retry(exchange) }, this.context.say('retry'));
  }

  /** @param {Exchange} exchange */
  #retry(exchange) {
    const view = this.#views.get(exchange);
    if (!view) return;
    // The button that was pressed goes away with its message.
    if (view.reply.matches(':focus-within')) this.log.focus();
    view.bubble?.remove();
    view.reply.remove();
    this.#views.delete(exchange);
    this.transcript.exchanges = this.transcript.exchanges.filter((it) => it !== exchange);
    this.#begin(exchange);
  }

  #online = () => {
    const exchange = this.#cutOff;
    this.#cutOff = null;
    if (!exchange || this.#reconnected.has(exchange) || exchange !== this.transcript.exchanges.at(-1)) return;
    this.#reconnected.add(exchange);
    this.#retry(exchange);
  };

  /**
   * @param {HTMLElement} message
   * @param {ScrollBehavior} [behavior]
   */
  #reveal(message, behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth') {
    this.log.scrollTo({ top: message.offsetTop - 12, behavior });
  }
}
