// Renders the contact points of desks, and the draft that a member may send.

import { button, element, link } from './dom.js';

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
      hours ? element('small', {}, hours.text) : null,
    ),
  );
}

/**
 * @param {Context} context
 * @param {Escalation} escalation
 */
export function draftCard({ sentence, announce }, { draft, contact_points }) {
  if (!draft) return null;
  const text = element('textarea', { readonly: true, rows: '7', 'aria-label': sentence('draft') });
  text.value = draft.body;
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
          await navigator.clipboard.writeText(draft.body);
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
  // mailto: requires CRLF line breaks (RFC 6068).
  const mail = new URLSearchParams({ subject: draft.subject, body: draft.body.replace(/\r?\n/g, '\r\n') })
    .toString()
    .replaceAll('+', '%20');
  const addresses = contact_points.filter(({ url }) => url?.startsWith('mailto:'));
  const links = addresses.map(({ url, value }) => {
    const made = link(
      `${url}${url?.includes('?') ? '&' : '?'}${mail}`,
      sentence('draft_mail'),
      addresses.length > 1 ? ` (${value})` : '',
    );
    made.className = 'chip';
    return made;
  });
  return element(
    'div',
    { class: 'card' },
    element('p', { class: 'title' }, sentence('draft')),
    text,
    element('div', { class: 'row' }, copy, ...links),
  );
}
