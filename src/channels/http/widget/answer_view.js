// Renders the messages of the log: the greeting, the waiting, and the answers of the server.

import { button, element, link, safeHtml } from './dom.js';
import { deskById, deskCards, draftCard } from './contact.js';

const FEATURED = 5;

/**
 * A message of either side; the speaker is told to those who cannot see the sides.
 * @param {string} side
 * @param {string} speaker
 * @param {...(Node | string | null | undefined)} children
 */
export function messageView(side, speaker, ...children) {
  return element(
    'div',
    { class: `message ${side}` },
    element('span', { class: 'unseen' }, `${speaker}: `),
    ...children,
  );
}

/**
 * Questions to choose from; one that is not of the widget's own desk says which programme it is about.
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
  const { say, desk } = context;
  // The first question of each desk, then the second of each: no desk crowds out another.
  const featured = CONFIG.desks
    .filter(({ id }) => !desk || id === desk)
    .flatMap(({ id, featured }) => featured.map((choice, rank) => ({ ...choice, desk: id, rank })))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, FEATURED);
  const list = choiceList(context, say('featured'), featured, onChoose);
  const title = list && element('p', { class: 'title' }, say('featured'));
  const greeting = messageView('assistant', say('assistant'), element('p', { class: 'lead' }, say('greeting')));
  return element('div', { class: 'intro' }, greeting, title, list);
}

/** @param {Context} context */
export function waitingView({ say }) {
  const dots = element('span', { class: 'dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
  return messageView('assistant waiting', say('assistant'), dots, element('p', {}, say('searching')));
}

/**
 * @param {Context} context
 * @param {Exchange & { answer: Answer }} exchange
 * @param {(choice: Choice) => void} onChoose
 * @param {(helpful: boolean) => void} onVote
 */
export function answerView(context, exchange, onChoose, onVote) {
  const { say } = context;
  const { outcome, message, entry, suggestions, escalation } = exchange.answer;
  const parts = [element('p', { class: 'lead' }, message)];
  if (entry) {
    const { source } = entry;
    parts.push(element('div', { class: 'prose', lang: 'ja' }, safeHtml(entry.answer.html, entry.answer.text, entry.question)));
    parts.push(
      element(
        'p',
        { class: 'meta' },
        source && element('span', {}, say('source', source)),
        link(
          `${context.endpoint}/entries/${encodeURIComponent(entry.id)}?lang=${context.language}`,
          say('entry_page'),
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
      element('p', { class: 'title' }, say('related')),
      choiceList(context, say('related'), entry.related, onChoose),
    );
  }
  if (entry) more.push(voteView(context, exchange, onVote));
  return messageView('assistant', say('assistant'), ...parts, ...more);
}

/**
 * After the vote the buttons stay where they are, so that the focus is not lost.
 * @param {Context} context
 * @param {Exchange} exchange
 * @param {(helpful: boolean) => void} onVote
 */
function voteView({ say }, exchange, onVote) {
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
      say(helpful ? 'helpful_yes' : 'helpful_no'),
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
  const question = say('helpful_question');
  return element(
    'div',
    { class: 'vote', role: 'group', 'aria-label': question },
    element('span', {}, question),
    ...buttons.map(({ choice }) => choice),
  );
}
