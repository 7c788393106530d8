// Renders the messages of the log: greeting, waiting indicator, answers.

import { button, element, link, safeHtml, titleOf } from './dom.js';
import { deskById, deskCards, desksWithDrafts } from './contact.js';
import { fetchChoices } from './client.js';

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
 * @param {() => void} [onDecline] adds the way out of a list that may have no fitting question
 */
export function choiceList({ desk, language, sentence }, label, choices, onChoose, onDecline) {
  if (!choices.length) return null;
  const items = choices.map((choice) => {
    const programme = choice.desk === desk ? '' : deskById(choice.desk)?.programme[language];
    const { title, lang } = titleOf(language, choice);
    return element(
      'li',
      {},
      button(
        { class: 'choice', click: () => onChoose(choice) },
        element('span', { lang }, title),
        programme ? element('small', {}, programme) : null,
      ),
    );
  });
  if (onDecline)
    items.push(
      element('li', {}, button({ class: 'choice', click: onDecline }, element('span', {}, sentence('none_of_these')))),
    );
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
  const text = context.greeting || sentence('greeting');
  const greeting = messageView('assistant', sentence('assistant'), element('p', { class: 'lead' }, text));
  const view = element('div', { class: 'intro' }, greeting);
  const show = (/** @type {Choice[]} */ choices) => {
    const list = choiceList(context, sentence('featured'), choices, onChoose);
    const title = list && element('p', { class: 'title' }, sentence('featured'));
    view.replaceChildren(...[greeting, title, list].filter((it) => it !== null));
  };
  if (!context.featured.length) show(featured);
  else fetchChoices(context, new AbortController().signal).then((choices) => show(choices.length ? choices : featured));
  return view;
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
 * Renders an answer: messages, one for each request, in the order asked.
 * @param {Context} context
 * @param {Answer} answer
 * @param {Handlers} handlers
 */
export function answerView(context, answer, handlers) {
  const all = [answer, ...(answer.also ?? [])];
  return all.map((part) => partView(context, part, all.length > 1, handlers));
}

/**
 * @param {Context} context
 * @param {Part} part
 * @param {boolean} oneOfSeveral
 * @param {Handlers} handlers
 */
function partView(context, part, oneOfSeveral, { onChoose, onDecline, onVote, onEdit, questions }) {
  const { sentence } = context;
  const { asked, outcome, message, entry, suggestions, escalation } = part;
  const heading = oneOfSeveral && asked ? element('p', { class: 'title' }, sentence('asked', { asked })) : null;
  const parts = [heading, element('p', { class: 'lead' }, ...messageLines(message))];
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
  const more = [choiceList(context, message, suggestions, onChoose, () => onDecline(part))];
  if (escalation) {
    const { contact_points, desk_drafts } = escalation;
    more.push(
      ...(outcome === 'escalated'
        ? desksWithDrafts(context, desk_drafts, contact_points, questions, onEdit)
        : deskCards(context, contact_points)),
    );
  }
  if (entry?.related.length) {
    more.push(
      element('p', { class: 'title' }, sentence('related')),
      choiceList(context, sentence('related'), entry.related, onChoose),
    );
  }
  if (entry && part.answer_id) more.push(voteView(context, part, onVote));
  return messageView('assistant', sentence('assistant'), ...parts, ...more);
}

/**
 * Renders the feedback buttons. They remain after the vote, to keep the focus.
 * @param {Context} context
 * @param {Part} part
 * @param {Handlers['onVote']} onVote
 */
function voteView({ sentence }, part, onVote) {
  const buttons = [true, false].map((helpful) => {
    const choice = button(
      {
        class: 'chip',
        click: () => {
          if (part.helpful !== undefined) return;
          part.helpful = helpful;
          mark();
          onVote(part, helpful);
        },
      },
      sentence(helpful ? 'helpful_yes' : 'helpful_no'),
    );
    return { helpful, choice };
  });
  const mark = () => {
    for (const { helpful, choice } of buttons) {
      choice.setAttribute('aria-pressed', String(part.helpful === helpful));
      choice.setAttribute('aria-disabled', String(part.helpful !== undefined));
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
