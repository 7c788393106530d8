// The log of questions and answers: every question ends with an answer or a failure message.

import { button, element, titleOf } from './dom.js';
import { Failure, fetchAnswer, fetchContactPoints } from './client.js';
import { deskCards, desksWithDrafts, knownContactPoints, newDrafts } from './contact.js';
import { answerView, greetingView, messageView, waitingView } from './answer_view.js';

const WAITING_DELAY_MS = 300;
const SLOW_NOTICE_DELAY_MS = 3000;
const MAX_DRAFT_QUESTIONS = 3;

export class Conversation {
  /** @type {Map<Exchange, { bubble: HTMLElement | null, reply: HTMLElement, controller: AbortController }>} */
  #views = new Map();
  /** @type {Exchange | null} */
  #pending = null;
  /** @type {Exchange | null} */
  #disconnected = null;
  /** @type {WeakSet<Exchange>} */
  #retriedOnline = new WeakSet();
  /** @type {HTMLElement | null} */
  #contact = null;
  #ended = new AbortController();

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
      'aria-label': context.sentence('conversation_label'),
      tabindex: '0',
    });
    this.#showGreeting();
    this.#restore();
    addEventListener('online', this.#online);
  }

  get isEmpty() {
    return !this.#views.size && !this.#contact;
  }

  dispose() {
    removeEventListener('online', this.#online);
    this.#ended.abort();
    for (const { controller } of this.#views.values()) controller.abort();
  }

  /**
   * @param {string} question
   * @param {string} [entry] the id of the entry, if it was chosen from a list
   */
  ask(question, entry) {
    this.#begin({ question, entry });
  }

  startOver() {
    for (const { controller } of this.#views.values()) controller.abort();
    this.#views.clear();
    this.#pending = this.#disconnected = this.#contact = null;
    this.transcript.clear();
    this.log.replaceChildren();
    this.#showGreeting();
    this.onChange(null);
  }

  showContact() {
    this.#contact?.remove();
    const { context } = this;
    const drafts = newDrafts(context);
    const questions = this.#openQuestions(this.transcript.exchanges);
    const cards = element('div', { class: 'choices' });
    const show = (/** @type {ContactPoint[]} */ points) =>
      cards.replaceChildren(...desksWithDrafts(context, drafts, points, questions, () => {}));
    show(knownContactPoints(context));
    this.#contact = messageView('assistant', context.sentence('assistant'), cards);
    this.log.append(this.#contact);
    this.onChange(null);
    this.#reveal(this.#contact);
    // Whether a desk is open now.
    fetchContactPoints(context, this.#ended.signal).then(show, () => {});
  }

  /**
   * Returns the questions that the member wrote and that were not answered, the newest last; without
   * any, the last one that was answered, unless the answer helped.
   * @param {Exchange[]} exchanges
   */
  #openQuestions(exchanges) {
    /** @type {string[]} */
    const open = [];
    /** @type {string[]} */
    let last = [];
    for (const { question, entry, declined, answer } of exchanges) {
      const parts = answer ? [answer, ...(answer.also ?? [])] : [];
      const own = question && !entry && !declined && answer?.outcome !== 'small_talk';
      if (own) open.push(question);
      // An entry that was chosen from a list answers the question before it.
      if (question && parts.length && parts.every((it) => it.outcome === 'answered' && it.helpful !== false)) {
        const settled = open.splice(-1);
        last = parts.every(({ helpful }) => helpful) ? [] : settled;
      }
    }
    return open.length ? open.slice(-MAX_DRAFT_QUESTIONS) : last;
  }

  /** Scrolls to the newest question, which may have arrived while the log was hidden. */
  catchUp() {
    const newest = [...this.#views.values()].at(-1);
    if (newest) this.#reveal(newest.bubble ?? newest.reply, 'auto');
  }

  #showGreeting() {
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
        // Another version or program stored the exchange: drop it if it cannot be rendered.
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
    const waiting = this.#pending;
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
      ? messageView('member', this.context.sentence('you'), element('p', {}, element('bdi', {}, question)))
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
    if (!exchange.feedback) this.#pending = exchange;
    const waiting = waitingView(this.context);
    const timers = [
      setTimeout(() => {
        reply.append(waiting);
        this.#reveal(reply);
      }, WAITING_DELAY_MS),
      setTimeout(() => {
        waiting.append(element('p', {}, this.context.sentence('failed_slow')));
        this.#reveal(reply);
      }, SLOW_NOTICE_DELAY_MS),
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
      if (this.#pending === exchange) this.#pending = null;
    }
    this.#reveal(view.bubble ?? reply);
  }

  /** @param {Exchange} exchange */
  #fill(exchange) {
    const { answer } = exchange;
    if (!answer) return;
    this.#views.get(exchange)?.reply.replaceChildren(
      ...answerView(this.context, answer, {
        onChoose: this.#choose,
        onDecline: (part) => this.#decline(exchange, part),
        onVote: ({ answer_id }, helpful) => this.#begin({ feedback: { answer_id, helpful } }),
        onEdit: () => this.transcript.save(),
        questions: this.#openQuestions(this.transcript.exchanges.slice(0, this.transcript.exchanges.indexOf(exchange))),
      }),
    );
  }

  /**
   * Asks for the desk, since none of the suggestions for a question fits.
   * @param {Exchange} exchange
   * @param {Part} part
   */
  #decline(exchange, part) {
    // After "did not help", the question is that of an earlier exchange.
    const { exchanges } = this.transcript;
    const asked = exchanges.slice(0, exchanges.indexOf(exchange) + 1).filter((it) => it.question && !it.declined);
    const declined = (exchange.answer?.also?.length && part.asked) || asked.at(-1)?.question;
    this.#begin({ question: this.context.sentence('none_of_these'), declined });
  }

  #choose = (/** @type {Choice} */ choice) => this.ask(titleOf(this.context.language, choice).title, choice.id);

  /**
   * @param {Exchange} exchange
   * @param {Failure} failure
   */
  #failureView(exchange, { kind, seconds }) {
    const { sentence } = this.context;
    const retry = this.#retryButton(exchange);
    if (kind === 'unreachable') this.#disconnected = exchange;
    if (kind === 'busy') {
      retry.disabled = true;
      setTimeout(() => (retry.disabled = false), seconds * 1000);
    }
    return messageView(
      'assistant failure',
      sentence('assistant'),
      element('p', { class: 'lead' }, sentence(`failed_${kind}`, { seconds })),
      element('div', { class: 'row' }, retry),
      ...deskCards(this.context, knownContactPoints(this.context)),
    );
  }

  /** @param {Exchange} exchange */
  #retryButton(exchange) {
    return button({ class: 'chip', click: () => this.#retry(exchange) }, this.context.sentence('retry'));
  }

  /** @param {Exchange} exchange */
  #retry(exchange) {
    const view = this.#views.get(exchange);
    if (!view) return;
    // The focused button is removed together with its message.
    if (view.reply.matches(':focus-within')) this.log.focus();
    view.bubble?.remove();
    view.reply.remove();
    this.#views.delete(exchange);
    this.transcript.exchanges = this.transcript.exchanges.filter((it) => it !== exchange);
    this.#begin(exchange);
  }

  #online = () => {
    const exchange = this.#disconnected;
    this.#disconnected = null;
    if (!exchange || this.#retriedOnline.has(exchange) || exchange !== this.transcript.exchanges.at(-1)) return;
    this.#retriedOnline.add(exchange);
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
