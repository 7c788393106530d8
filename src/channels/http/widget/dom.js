// Creates elements without markup strings, and sanitizes HTML to a list of allowed elements.

const SVG = 'http://www.w3.org/2000/svg';
// Of the others, links, headings, tables and numbered lists are rebuilt.
const ALLOWED_TAGS = /^(p|ul|li|caption|thead|tbody|tfoot|tr|td|strong|em|code|blockquote|br|hr|mark)$/;

export const ICONS = {
  ask: 'M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5',
  send: 'M12 19V5M6 11l6-6 6 6',
  close: 'M6 6l12 12M18 6L6 18',
  fold: 'M6 9l6 6 6-6',
  start_over: 'M5 5v5h5M5.5 10a7 7 0 1 1-.5 4',
};

/**
 * Creates an element. Functions become event listeners; null, undefined and false are omitted.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {(Node | string | null | undefined)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/**
 * @param {Record<string, unknown>} attributes
 * @param {(Node | string | null | undefined)[]} children
 */
export function button(attributes, ...children) {
  return element('button', { type: 'button', ...attributes }, ...children);
}

/**
 * Returns the title of an entry in a list: in the language of the widget if there is one, else its question.
 * @param {Language} language
 * @param {Choice} choice
 */
export function titleOf(language, { question, titles }) {
  const title = titles?.[language];
  return { title: title ?? question, lang: title ? language : 'ja' };
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
 * Returns a URL with an allowed scheme, or an empty string.
 * @param {string | null} address
 */
export function safeUrl(address) {
  return address && /^(https?:\/\/|mailto:|tel:)/i.test(address) ? address : '';
}

/**
 * Creates a link, or a span if the URL has no allowed scheme.
 * @param {string | null} address
 * @param {...(Node | string)} children
 */
export function link(address, ...children) {
  const href = safeUrl(address);
  // A page of the same site replaces this one, as its other links do.
  const web = /^http/i.test(href) && !`${href}/`.startsWith(`${location.origin}/`);
  return element(
    href ? 'a' : 'span',
    href ? { href, target: web && '_blank', rel: web && 'noopener' } : {},
    ...children,
  );
}

/**
 * Sanitizes HTML.
 * @param {string} html
 * @param {string} plain the same content as plain text
 * @param {string} [name] the accessible name of its tables
 */
export function safeHtml(html, plain, name = '') {
  const fragment = document.createDocumentFragment();
  try {
    copyAllowed(new DOMParser().parseFromString(html, 'text/html').body, fragment, name);
  } catch {
    // A page that enforces Trusted Types forbids the parser: use the plain text.
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
    else if (ALLOWED_TAGS.test(tag)) to.append((target = element(/** @type {'p'} */ (tag))));
    copyAllowed(source, target, name);
  }
}
