// Finds the widget on a page by roles and texts, and operates it.
import assert from "node:assert/strict";

import { CONFIG, desk, sentence } from "./service.mjs";

/**
 * @param {import("playwright-core").Page} page
 * @param {{language?: "ja" | "en", nth?: number}} [options]
 */
export function widgetOn(page, { language = "ja", nth = 0 } = {}) {
  const host = page.locator("madoguchi-widget").nth(nth);
  const text = (key, values) => sentence(language, key, values);
  const button = (key) => host.getByRole("button", { name: text(key), exact: true });
  const log = host.getByRole("log", { name: text("conversation_label"), exact: true });
  return {
    page,
    host,
    text,
    button,
    log,
    launcher: host.locator("button[aria-haspopup=dialog]"),
    panel: host.getByRole("dialog"),
    /** In the panel; the launcher of an open panel closes it as well. */
    close: host.getByRole("dialog").getByRole("button", { name: text("close"), exact: true }),
    input: host.getByRole("combobox", { name: text("ask_label"), exact: true }),
    list: host.getByRole("listbox", { name: text("hits_label"), exact: true }),
    options: host.getByRole("option"),
    /** Finds a sentence of the interface in the log. */
    inLog: (key, values) => log.getByText(text(key, values)),
  };
}

/** @typedef {ReturnType<typeof widgetOn>} Widget */

/**
 * Opens a page and the panel of its widget.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {(launcher: import("playwright-core").Locator) => Promise<void>} [press]
 */
export async function openWidget(page, url, press = (launcher) => launcher.click()) {
  await page.goto(url);
  const widget = widgetOn(page);
  await press(widget.launcher);
  await widget.panel.waitFor();
  return widget;
}

/** Presses the launcher with the keyboard. @param {import("playwright-core").Locator} launcher */
export const pressEnter = (launcher) => launcher.press("Enter");

/**
 * Waits for the next question that is sent and returns its body.
 * @param {import("playwright-core").Page} page
 */
export async function sentQuestion(page) {
  const sent = await page.waitForRequest((request) => request.url().endsWith("/api/v1/ask"));
  return sent.postDataJSON();
}

/**
 * Sends a question without waiting for the answer.
 * @param {Widget} widget
 * @param {string} question
 */
export async function submit(widget, question) {
  await widget.input.fill(question);
  await widget.input.press("Enter");
}

/**
 * Returns the text before the first placeholder of a sentence.
 * @param {"ja" | "en"} language
 * @param {string} key
 */
export function beginning(language, key) {
  return CONFIG.sentences[language][key].split("{")[0];
}

/**
 * Waits for the next response to a path and returns its JSON.
 * @param {import("playwright-core").Page} page
 * @param {string} path
 */
export async function answered(page, path) {
  const response = await page.waitForResponse(
    (response) => new URL(response.url()).pathname === path && response.request().method() !== "OPTIONS",
  );
  return response.json();
}

/**
 * Types a text and waits for the suggestions for the complete text.
 * @param {Widget} widget
 * @param {string} text
 */
export async function type(widget, text) {
  const { page, options } = widget;
  const response = page.waitForResponse((response) => {
    const form = new URLSearchParams(response.request().postData() ?? "");
    return new URL(response.url()).pathname === "/api/v1/suggest" && form.get("q") === text;
  });
  await page.keyboard.type(text);
  const { hits } = await (await response).json();
  await options.nth(Math.max(0, hits.length - 1)).waitFor();
  await options.filter({ hasText: hits[0]?.question }).first().waitFor();
}

/**
 * Returns whether an element has the focus, also within a shadow root.
 * @param {import("playwright-core").Locator} locator
 */
export async function hasFocus(locator) {
  return (
    (await locator.count()) === 1 &&
    (await locator.evaluate((element) => {
      const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
      return root.activeElement === element;
    }))
  );
}

/**
 * Moves the focus to an element with Tab or Shift+Tab alone.
 * @param {import("playwright-core").Locator} locator
 * @param {"Tab" | "Shift+Tab"} [key]
 */
export async function tabTo(locator, key = "Tab") {
  const page = locator.page();
  for (let presses = 0; presses <= 60; presses += 1) {
    if (await hasFocus(locator)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not reach ${locator}`);
}

/**
 * Returns the text of the active option, or null.
 * @param {Widget} widget
 */
export function activeOption(widget) {
  return widget.input.evaluate((input) => {
    const id = input.getAttribute("aria-activedescendant");
    const root = /** @type {ShadowRoot} */ (input.getRootNode());
    return id ? (root.getElementById(id)?.textContent ?? "") : null;
  });
}

/**
 * Asks a question and waits for the answer.
 * @param {Widget} widget
 * @param {string} question
 */
export async function ask(widget, question) {
  const response = answered(widget.page, "/api/v1/ask");
  await submit(widget, question);
  const answer = await response;
  await answerShown(widget, answer);
  return answer;
}

/**
 * Waits until an answer is shown in the log and no question is pending.
 * @param {Widget} widget
 * @param {any} answer
 */
export async function answerShown(widget, answer) {
  await assertIdle(widget);
  if (answer.outcome !== "answered") await widget.log.getByText(answer.message).last().waitFor();
  if (answer.entry) {
    const words = firstWords(answer.entry.answer.text);
    await widget.log.getByText(words).last().waitFor();
  }
}

/**
 * Returns the beginning of a text's first line, before any markup.
 * @param {string} text
 */
export function firstWords(text) {
  return text.trim().split(/[\n。（(「]/)[0].slice(0, 12);
}

/**
 * Waits until no waiting indicator is shown.
 * @param {Widget} widget
 */
export async function assertIdle(widget) {
  await widget.log.getByText(widget.text("searching")).waitFor({ state: "hidden" });
}

/**
 * Rates answers as not helpful until the desk is offered.
 * @param {Widget} widget
 * @param {(button: import("playwright-core").Locator) => Promise<void>} press
 */
export async function reachTheDesk(widget, press) {
  for (let times = 0; times < 3; times += 1) {
    const no = widget.button("helpful_no").last();
    const feedback = answered(widget.page, "/api/v1/feedback");
    await press(no);
    const answer = await feedback;
    await answerShown(widget, answer);
    if (answer.outcome === "escalated") return answer.escalation;
    const [suggestion] = answer.suggestions;
    assert.ok(suggestion, `neither a choice nor a desk: ${JSON.stringify(answer)}`);
    const choice = widget.log.getByRole("button", { name: suggestion.question }).last();
    const chosen = answered(widget.page, "/api/v1/ask");
    await press(choice);
    await answerShown(widget, await chosen);
  }
  return assert.fail("the desk was not offered after three answers that did not help");
}

/**
 * Checks that the conversation shows a desk's contact points.
 * @param {Widget} widget
 * @param {string} id
 */
export async function assertDeskShown(widget, id, language = "ja") {
  const shown = desk(id);
  await widget.host.getByText(shown.name[language]).last().waitFor();
  for (const point of shown.contact_points) {
    await widget.host.getByText(point.value[language]).last().waitFor();
  }
}

/**
 * Checks that neither the page nor the widget is wider than the window.
 * @param {import("playwright-core").Page} page
 */
export async function assertNoSidewaysScroll(page) {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > width) found.push(`page: ${document.documentElement.scrollWidth}`);
    for (const host of document.querySelectorAll("madoguchi-widget")) {
      for (const element of host.shadowRoot?.querySelectorAll("*") ?? []) {
        const box = element.getBoundingClientRect();
        // Content of a scroll container, such as a table, may be wider.
        const scroller = element.parentElement?.closest("[tabindex]:has(> table)");
        if (!scroller && box.width > 1 && box.right > width + 1) {
          found.push(`${element.localName}.${element.getAttribute("class")}: ${box.right}`);
        }
      }
    }
    return found.length > 0 ? `${found.join(", ")} in a window of ${width}` : "";
  });
  assert.equal(wide, "");
}
