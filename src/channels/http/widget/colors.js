// Chooses light or dark from the page, and computes readable colours from its accent.

/** @typedef {number[]} Rgb red, green and blue from 0 to 255 */

const MIN_TEXT_CONTRAST = 4.5;
const MIN_SHAPE_CONTRAST = 3;
const DARK = matchMedia('(prefers-color-scheme: dark)');

/**
 * Returns whether the page is dark: the system's choice counts only if the page supports both.
 * @param {Element} host
 */
export function isDarkPage(host) {
  const root = host.getRootNode();
  const around = host.parentElement ?? (root instanceof ShadowRoot ? root.host : document.documentElement);
  const declared = getComputedStyle(around).colorScheme;
  const meta = document.querySelector('meta[name="color-scheme"]')?.getAttribute('content');
  const scheme = (declared === 'normal' ? meta : declared) ?? '';
  return /\bdark\b/.test(scheme) && (DARK.matches || !/\blight\b/.test(scheme));
}

/**
 * Calls back when the page may have become light or dark; returns the function that stops it.
 * @param {() => void} onChange
 */
export function watchPage(onChange) {
  const observer = new MutationObserver(onChange);
  // Pages switch by a class, a style or a data attribute of one of these.
  for (const node of [document.documentElement, document.body]) observer.observe(node, { attributes: true });
  DARK.addEventListener('change', onChange);
  return () => {
    observer.disconnect();
    DARK.removeEventListener('change', onChange);
  };
}

/**
 * Sets the colours of text and of filled shapes from the accent of the page, never below the contrast
 * that WCAG requires. Without an accent of the page or of the
 * organisation, the colours of the style sheet apply.
 * @param {HTMLElement} root
 */
export function tint(root) {
  const read = (/** @type {string} */ name) => toRgb(getComputedStyle(root).getPropertyValue(name).trim());
  for (const name of ['--accent', '--fill', '--on-accent']) root.style.removeProperty(name);
  const brand = CONFIG.brand.accent?.[root.classList.contains('dark') ? 'dark' : 'light'];
  const accent = read('--madoguchi-accent') ?? toRgb(brand ?? '');
  const [ground, surface] = [read('--ground'), read('--surface')];
  if (!accent || !ground || !surface) return;
  const fill = readable(accent, [ground], MIN_SHAPE_CONTRAST);
  const white = [255, 255, 255];
  const wanted = [read('--madoguchi-on-accent'), white].find((it) => it && contrast(it, fill) >= MIN_TEXT_CONTRAST);
  root.style.setProperty('--accent', `rgb(${readable(accent, [ground, surface], MIN_TEXT_CONTRAST)})`);
  root.style.setProperty('--fill', `rgb(${fill})`);
  // Black or white is readable on every colour.
  root.style.setProperty('--on-accent', `rgb(${wanted ?? [0, 0, 0]})`);
}

/**
 * Mixes a colour with black or white until it stands out from all grounds.
 * @param {Rgb} color
 * @param {Rgb[]} grounds
 * @param {number} least
 */
function readable(color, grounds, least) {
  const target = luminance(grounds[0]) > 0.18 ? 0 : 255;
  const mixed = (/** @type {number} */ percent) => color.map((part) => Math.round(part + ((target - part) * percent) / 100));
  let percent = 0;
  while (percent < 100 && grounds.some((ground) => contrast(mixed(percent), ground) < least)) percent += 2;
  return mixed(percent);
}

/**
 * Returns the contrast of two colours (WCAG 2).
 * @param {Rgb} one
 * @param {Rgb} other
 */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {Rgb} color */
function luminance(color) {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Reads any colour of CSS by painting a pixel; null if it is none.
 * @param {string} text
 * @returns {Rgb | null}
 */
function toRgb(text) {
  if (!text || !CSS.supports('color', text)) return null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const painter = canvas.getContext('2d');
  if (!painter) return null;
  painter.fillStyle = text;
  painter.fillRect(0, 0, 1, 1);
  return [...painter.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
