// Renders the messages of the log: greeting, waiting indicator, answers.

import { button, element, link, safeHtml } from './dom.js';
import { deskById, deskCards, draftCard } from './contact.js';

const MAX_FEATURED = 5;

/**
 * Renders a message of either side, with the sender's name for screen readers.
 * @param {string} side
 * @param {string} sender
 * @param {...(Node | string | null | undefined)} children
 */
export function messageView(side, sender, ...children) {
  return element(
    'div',
    { class: `message ${side}` },
    element('span', { class: 'unseen' }, `${sender}: `),
    ...children,
  );
}

/**
 * Renders questions to choose from, with the programme if it differs from the widget's desk.
 * @param {Context} context
 * @param {string} label
 * @param {Choice[]} choices
 * @param {(choice: Choice) => void} onChoose
 */
export function choiceList({ desk, language }, label, choices, onChoose) {
  if (!choices.length) return null;
  const items = choices.map((choice) => {
    const programme = choice.desk === desk ? '' : deskById(choice.desk)?.programme[language];
    const text = element('span', { lang: 'ja' }, choice.question);
    return element(
      'li',
      {},
      button(
        { class: 'choice', click: () => onChoose(choice) },
        text,
        programme ? element('small', {}, programme) : null,
      ),
    );
  });
  return element('ul', { class: 'choices', 'aria-label': label }, ...items);
}

/**
 * @param {Context} context
 * @param {(choice: Choice) => void} onChoose
 */
export function greetingView(context, onChoose) {
  const { sentence, desk } = context;
  // Takes the first question of each desk, then the second, so that all desks are represented.
  const featured = CONFIG.desks
    .filter(({ id }) => !desk || id === desk)
    .flatMap(({ id, featured }) => featured.map((choice, rank) => ({ ...choice, desk: id, rank })))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_FEATURED);
  const list = choiceList(context, sentence('featured'), featured, onChoose);
  const title = list && element('p', { class: 'title' }, sentence('featured'));
  const greeting = messageView('assistant', sentence('assistant'), element('p', { class: 'lead' }, sentence('greeting')));
  return element('div', { class: 'intro' }, greeting, title, list);
}

/** @param {Context} context */
export function waitingView({ sentence }) {
  const dots = element('span', { class: 'dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
  return messageView('assistant waiting', sentence('assistant'), dots, element('p', {}, sentence('searching')));
}

/**
 * Renders a message. The address in a line 「・name address」 is a link, as in the help centre.
 * @param {string} message
 */
function messageLines(message) {
  return message.split('\n').flatMap((line, index) => {
    const [, name, address] = line.match(/^(・.* )(https:\/\/\S+|[\d-]+)$/) ?? [];
    const shown = address ? [name, link(address[0] === 'h' ? address : `tel:${address}`, address)] : [line];
    return index ? ['\n', ...shown] : shown;
  });
}

/**
 * @param {Context} context
 * @param {Exchange & { answer: Answer }} exchange
 * @param {(choice: Choice) => void} onChoose
 * @param {(helpful: boolean) => void} onVote
 */
export function answerView(context, exchange, onChoose, onVote) {
  const { sentence } = context;
  const { outcome, message, entry, suggestions, escalation } = exchange.answer;
  const parts = [element('p', { class: 'lead' }, ...messageLines(message))];
  if (entry) {
    const { source } = entry;
    parts.push(element('div', { class: 'prose', lang: 'ja' }, safeHtml(entry.answer.html, entry.answer.text, entry.question)));
    parts.push(
      element(
        'p',
        { class: 'meta' },
        source && element('span', {}, sentence('source', source)),
        link(
          `${context.endpoint}/entries/${encodeURIComponent(entry.id)}?lang=${context.language}`,
          sentence('entry_page'),
        ),
      ),
    );
  }
  /** @type {(Node | null)[]} */
  const more = [choiceList(context, message, suggestions, onChoose)];
  if (escalation) {
    more.push(...deskCards(context, escalation.contact_points));
    if (outcome !== 'answered') more.push(draftCard(context, escalation));
  }
  if (entry?.related.length) {
    more.push(
      element('p', { class: 'title' }, sentence('related')),
      choiceList(context, sentence('related'), entry.related, onChoose),
    );
  }
  if (entry) more.push(voteView(context, exchange, onVote));
  return messageView('assistant', sentence('assistant'), ...parts, ...more);
}

/**
 * Renders the feedback buttons. They remain after the vote, to keep the focus.
 * @param {Context} context
 * @param {Exchange} exchange
 * @param {(helpful: boolean) => void} onVote
 */
function voteView({ sentence }, exchange, onVote) {
  const buttons = [true, false].map((helpful) => {
    const choice = button(
      {
        class: 'chip',
        click: () => {
          if (exchange.helpful !== undefined) return;
          exchange.helpful = helpful;
          mark();
          onVote(helpful);
        },
      },
      sentence(helpful ? 'helpful_yes' : 'helpful_no'),
    );
    return { helpful, choice };
  });
  const mark = () => {
    for (const { helpful, choice } of buttons) {
      choice.setAttribute('aria-pressed', String(exchange.helpful === helpful));
      choice.setAttribute('aria-disabled', String(exchange.helpful !== undefined));
    }
  };
  mark();
  const question = sentence('helpful_question');
  return element(
    'div',
    { class: 'vote', role: 'group', 'aria-label': question },
    element('span', {}, question),
    ...buttons.map(({ choice }) => choice),
  );
}
