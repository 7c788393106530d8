// Builds elements without markup strings, and turns foreign HTML into allowed elements only.

const SVG = 'http://www.w3.org/2000/svg';
const KEPT = /^(p|ul|ol|li|table|caption|thead|tbody|tfoot|tr|td|strong|em|code|blockquote|br|hr|mark)$/;

export const ICONS = {
  ask: 'M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5',
  send: 'M12 19V5M6 11l6-6 6 6',
  close: 'M6 6l12 12M18 6L6 18',
  fold: 'M6 9l6 6 6-6',
  start_over: 'M5 5v5h5M5.5 10a7 7 0 1 1-.5 4',
};

/**
 * A function among the attributes is a listener; null, undefined and false are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string | null | undefined)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

/**
 * @param {Record<string, unknown>} attributes
 * @param {(Node | string | null | undefined)[]} children
 */
export function button(attributes, ...children) {
  return element('button', { type: 'button', ...attributes }, ...children);
}

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * An address that may become a link, or an empty string.
 * @param {string | null} address
 */
export function safeUrl(address) {
  return address && /^(https?:\/\/|mailto:|tel:)/i.test(address) ? address : '';
}

/**
 * A link, or its plain text where the address is none a member could open.
 * @param {string | null} address
 * @param {...(Node | string)} children
 */
export function link(address, ...children) {
  const href = safeUrl(address);
  const web = /^http/i.test(href);
  return element(
    href ? 'a' : 'span',
    href ? { href, target: web && '_blank', rel: web && 'noopener' } : {},
    ...children,
  );
}

/**
 * @param {string} html
 * @param {string} plain the same as text
 * @param {string} [name] what a table in it is about, for those who cannot see it
 */
export function safeHtml(html, plain, name = '') {
  const fragment = document.createDocumentFragment();
  try {
    copyAllowed(new DOMParser().parseFromString(html, 'text/html').body, fragment, name);
  } catch {
    // A page that enforces Trusted Types refuses the parser: the text says the same.
    fragment.append(plain);
  }
  return fragment;
}

/**
 * @param {Node} from
 * @param {Node & ParentNode} to
 * @param {string} name
 */
function copyAllowed(from, to, name) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.nodeValue ?? '');
    if (node.nodeType !== Node.ELEMENT_NODE) continue;
    const source = /** @type {Element} */ (node);
    const tag = source.localName;
    /** @type {Node & ParentNode} */
    let target = to;
    if (tag === 'a') to.append((target = link(source.getAttribute('href'))));
    else if (/^h[1-6]$/.test(tag)) to.append(element('p', {}, (target = element('strong'))));
    else if (tag === 'table')
      to.append(
        element(
          'div',
          { class: 'wide', role: 'group', tabindex: '0', 'aria-label': name },
          (target = element('table')),
        ),
      );
    else if (tag === 'th') to.append((target = element('th', { scope: source.getAttribute('scope') })));
    else if (tag === 'ol') to.append((target = element('ol', { start: source.getAttribute('start') })));
    else if (KEPT.test(tag)) to.append((target = element(/** @type {'p'} */ (tag))));
    copyAllowed(source, target, name);
  }
}
