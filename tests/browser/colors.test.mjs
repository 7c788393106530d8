// The colours of the widget: readable with any accent, and light or dark as the page is.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, openWidget, widgetOn } from "./support/widget.mjs";

const ACCENTS = 200;

/** The accents at which text was unreadable, and forms of colours other than hexadecimal digits. */
const KNOWN = ["#003366", "#ffd400", "#000", "#fff", "#777", "red", "oklch(0.9 0.2 110)", "hsl(210 90% 20%)"];

const site = await openSite((url) => ({
  "/": embedding(url),
  "/light": embedding(url, { scheme: "light" }),
  "/silent": embedding(url).replace(/<meta name="color-scheme"[^>]*>/, ""),
  "/dark": embedding(url, { scheme: "dark" }),
  "/css": embedding(url, { scheme: "light", head: "<style>:root { color-scheme: dark }</style>" }),
  "/part": embedding(url, {
    scheme: "light",
    widgets: [],
    body: '<div style="color-scheme: dark"><madoguchi-widget placement="inline"></madoguchi-widget></div>',
  }),
}));

/** Returns accents at random, the same in each run. */
function accents() {
  let state = 20261129;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 7;
  const hex = () => (next() % 256).toString(16).padStart(2, "0");
  return Array.from({ length: ACCENTS }, () => `#${hex()}${hex()}${hex()}`);
}

/**
 * Lists the pairs of colours in the widget with less contrast than WCAG 2.2 AA requires.
 * @param {{accents: string[], least: {text: number, shape: number}}} wanted evaluated in the page
 */
function unreadable({ accents, least }) {
  const host = document.querySelector("madoguchi-widget");
  const root = host.shadowRoot;
  const painter = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (css) => {
    painter.clearRect(0, 0, 1, 1);
    painter.fillStyle = css;
    painter.fillRect(0, 0, 1, 1);
    return [...painter.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(rgb(one)), luminance(rgb(other))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return "white";
  };
  const found = [];
  const note = (what, accent, theme, value, min) => {
    if (value < min) found.push(`${what} with ${accent} in ${theme}: ${value.toFixed(2)} < ${min}`);
  };
  let checked = 0;
  for (const accent of accents) {
    host.style.setProperty("--madoguchi-accent", accent);
    for (const theme of ["light", "dark"]) {
      // A change of the attribute computes the colours.
      host.setAttribute("theme", theme);
      const texts = [...root.querySelectorAll(".launcher, .member p, .send, .prose a, .meta a")];
      for (const text of texts) {
        const style = getComputedStyle(text);
        note(text.className || text.localName, accent, theme, contrast(style.color, ground(text)), least.text);
        checked += 1;
      }
      const panel = ground(root.querySelector(".panel"));
      for (const shape of root.querySelectorAll(".send, .member p")) {
        note("shape", accent, theme, contrast(getComputedStyle(shape).backgroundColor, panel), least.shape);
      }
    }
  }
  return { found, checked };
}

test("text and controls are readable with any accent in both schemes", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/`);
    const answer = await ask(widget, "有料会員をやめたい");
    assert.match(answer.entry.answer.html, /<a /, "the answer has a link");
    const wanted = { accents: [...KNOWN, ...accents()], least: { text: 4.5, shape: 3 } };
    const { found, checked } = await page.evaluate(unreadable, wanted);
    assert.ok(checked > 2 * ACCENTS * 5, `only ${checked} texts`);
    assert.deepEqual(found, []);
  }));

test("a readable colour of text on the accent is kept, another one is not", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/`);
    const color = (accent, onAccent) =>
      widget.host.evaluate(
        (host, [accent, onAccent]) => {
          host.style.setProperty("--madoguchi-accent", accent);
          host.style.setProperty("--madoguchi-on-accent", onAccent);
          host.setAttribute("theme", "dark");
          host.setAttribute("theme", "light");
          const launcher = host.shadowRoot.querySelector(".launcher");
          return [getComputedStyle(launcher).backgroundColor, getComputedStyle(launcher).color];
        },
        [accent, onAccent],
      );
    assert.deepEqual(await color("#003366", "#ffd400"), ["rgb(0, 51, 102)", "rgb(255, 212, 0)"]);
    assert.deepEqual(await color("#003366", "#112233"), ["rgb(0, 51, 102)", "rgb(255, 255, 255)"]);
    assert.deepEqual(await color("nonsense", "#fff"), ["rgb(29, 78, 137)", "rgb(255, 255, 255)"]);
  }));

for (const [path, system, expected] of /** @type {[string, "light" | "dark", boolean][]} */ ([
  ["/", "dark", true],
  ["/", "light", false],
  ["/light", "dark", false],
  ["/silent", "dark", false],
  ["/dark", "light", true],
  ["/css", "light", true],
  ["/part", "light", true],
])) {
  test(`a page ${path} under a ${system} system`, () =>
    onPage({ colorScheme: system }, async (page) => {
      await page.goto(site.url + path);
      const { host } = widgetOn(page);
      const isDark = () => host.evaluate((host) => host.shadowRoot.querySelector(".root").classList.contains("dark"));
      assert.equal(await isDark(), expected);
      // The attribute wins.
      await host.evaluate((host, theme) => host.setAttribute("theme", theme), expected ? "light" : "dark");
      assert.equal(await isDark(), !expected);
    }));
}

test("the widget follows a page that becomes dark", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/light`);
    const { host } = widgetOn(page);
    const root = host.locator(".root");
    assert.doesNotMatch(await root.getAttribute("class"), /dark/);
    await page.evaluate(() => document.documentElement.setAttribute("style", "color-scheme: dark"));
    await host.locator(".root.dark").waitFor({ state: "attached" });
  }));
