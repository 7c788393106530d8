// Renders the contact points of desks, and the draft that a member may send.

import { button, element, link } from './dom.js';

const MAX_SUBJECT_CHARS = 40;

/**
 * Returns the contact points in the widget's configuration, of one desk or of all desks.
 * @param {Context} context
 * @returns {ContactPoint[]}
 */
export function knownContactPoints({ desk, language }) {
  return CONFIG.desks
    .filter(({ id }) => !desk || id === desk)
    .flatMap(({ id, contact_points }) =>
      contact_points.map(({ kind, label, value, url, hours }) => ({
        desk: id,
        kind,
        label: label[language],
        value: value[language],
        url,
        hours: hours && { text: hours[language] },
      })),
    );
}

/** @param {string | undefined} id */
export function deskById(id) {
  return CONFIG.desks.find((desk) => desk.id === id);
}

/**
 * Renders one card for each desk that the contact points belong to.
 * @param {Context} context
 * @param {ContactPoint[]} points
 */
export function deskCards(context, points) {
  return [...new Set(points.map(({ desk }) => desk))].map((id) => {
    const name = deskById(id)?.name[context.language] ?? id;
    const title = context.sentence('contact', { desk: name });
    const rows = points.filter(({ desk }) => desk === id).map((point) => contactRow(context, point));
    return element(
      'div',
      { class: 'card', role: 'group', 'aria-label': title },
      element('p', { class: 'title' }, title),
      element('dl', {}, ...rows),
    );
  });
}

/**
 * @param {Context} context
 * @param {ContactPoint} point
 */
function contactRow({ sentence }, { kind, label, value, url, hours }) {
  const state = typeof hours?.open === 'boolean' ? (hours.open ? 'open' : 'closed') : '';
  return element(
    'div',
    { class: kind },
    element('dt', {}, label),
    element(
      'dd',
      {},
      link(url, value),
      state && element('span', { class: `badge ${state}` }, sentence(`${state}_now`)),
      hours?.status ? element('small', {}, hours.status) : null,
      hours ? element('small', {}, sentence('hours_label'), hours.text) : null,
    ),
  );
}

/**
 * Writes a draft to each desk of the widget.
 * @param {Context} context
 * @returns {Draft[]}
 */
export function newDrafts({ desk, language, sentence }) {
  const question = sentence('draft_blank');
  return CONFIG.desks
    .filter(({ id }) => !desk || id === desk)
    .map(({ id, name }) => ({
      desk: id,
      subject: sentence('draft_subject', { question }),
      body: sentence('draft_body', { desk: name[language], question, shown: '' }),
    }));
}

/**
 * Renders desks, each with a draft to it; the drafts of several desks are folded.
 * @param {Context} context
 * @param {Draft[]} drafts
 * @param {ContactPoint[]} points
 * @param {string[]} questions
 * @param {() => void} onEdit
 */
export function desksWithDrafts(context, drafts, points, questions, onEdit) {
  return drafts.flatMap((draft) => {
    const own = points.filter(({ desk }) => desk === draft.desk);
    return [...deskCards(context, own), draftCard(context, draft, own, questions, onEdit, drafts.length === 1)];
  });
}

/**
 * Renders a draft to edit. The service does not know what the member asked before: if it left the
 * question blank, the member's own questions stand there, several as a list.
 * @param {Context} context
 * @param {Draft} draft
 * @param {ContactPoint[]} points
 * @param {string[]} questions
 * @param {() => void} onEdit
 * @param {boolean} open
 */
function draftCard({ sentence, announce }, draft, points, questions, onEdit, open) {
  const filled = (/** @type {string} */ template, /** @type {string} */ own) =>
    questions.length ? template.replace(sentence('draft_blank'), () => own) : template;
  const subject = filled(draft.subject, [...(questions[0] ?? '')].slice(0, MAX_SUBJECT_CHARS).join(''));
  const text = element('textarea', { 'aria-label': sentence('draft') });
  text.value = draft.edited ?? filled(draft.body, (questions[1] ? '- ' : '') + questions.join('\n- '));
  const copied = () => {
    copy.textContent = sentence('draft_copied');
    announce(sentence('draft_copied'));
    setTimeout(() => (copy.textContent = sentence('draft_copy')), 3000);
  };
  const copy = button(
    {
      class: 'chip',
      click: async () => {
        try {
          await navigator.clipboard.writeText(text.value);
          copied();
        } catch {
          // Without clipboard access, select the text and try the deprecated command.
          text.focus();
          text.select();
          if (document.execCommand('copy')) copied();
        }
      },
    },
    sentence('draft_copy'),
  );
  const addresses = points.filter(({ url }) => url?.startsWith('mailto:'));
  const links = addresses.map(({ url, value }) => {
    const made = link(url, sentence('draft_mail'), addresses.length > 1 ? ` (${value})` : '');
    made.className = 'chip';
    return { made, url: `${url}${url?.includes('?') ? '&' : '?'}` };
  });
  const address = () => {
    // mailto: requires CRLF line breaks (RFC 6068).
    const mail = new URLSearchParams({ subject, body: text.value.replace(/\r?\n/g, '\r\n') });
    for (const { made, url } of links) made.setAttribute('href', url + mail.toString().replaceAll('+', '%20'));
  };
  address();
  text.addEventListener('input', () => {
    draft.edited = text.value;
    address();
    onEdit();
  });
  return element(
    'details',
    { class: 'card', open },
    element('summary', { class: 'title' }, sentence('draft')),
    text,
    element('div', { class: 'row' }, copy, ...links.map(({ made }) => made)),
  );
}
