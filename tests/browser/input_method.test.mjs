// Japanese input: during a composition, keys affect the input method, not the widget.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { entry } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import {
  activeOption,
  answered,
  answerShown,
  hasFocus,
  openWidget,
  pressEnter,
  type,
} from "./support/widget.mjs";

const PAYMENT = await entry("selas-payment-method");
const site = await openSite((url) => ({ "/": embedding(url) }));

/** Keys that an input method handles, with their Windows key codes. */
const KEYS = { Enter: 13, ArrowDown: 40, ArrowUp: 38, Escape: 27, Tab: 9 };

/**
 * Opens the panel with the focus in the input.
 * @param {import("playwright-core").Page} page
 */
async function open(page) {
  const widget = await openWidget(page, site.url, pressEnter);
  assert.ok(await hasFocus(widget.input));
  const asked = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v1/ask")) asked.push(request.postDataJSON());
  });
  return { widget, asked };
}

/** Checks that nothing was sent, closed or chosen. */
async function assertUntouched({ widget, asked }, text) {
  // Long enough for a wrong request to be sent.
  await widget.page.waitForTimeout(200);
  assert.deepEqual(asked, []);
  assert.ok(await widget.panel.isVisible(), "the panel is still open");
  assert.ok(await hasFocus(widget.input), "the focus is still in the input");
  assert.equal(await widget.input.inputValue(), text);
  assert.equal(await activeOption(widget), null);
}

test("suggestions follow a composition whose keys have no effect", () =>
  onPage({}, async (page) => {
    const opened = await open(page);
    const { widget, asked } = opened;
    const devtools = await page.context().newCDPSession(page);
    await widget.input.evaluate((input) => {
      const seen = (globalThis.seen = []);
      input.addEventListener("keydown", (event) => {
        seen.push({ key: event.key, code: event.keyCode, composing: event.isComposing });
      });
    });
    for (const text of ["s", "し", "しh", "しは", "しはら"]) {
      await devtools.send("Input.imeSetComposition", {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      });
    }
    await widget.options.filter({ hasText: PAYMENT.question }).waitFor();
    for (const [key, code] of Object.entries(KEYS)) {
      // With Tab's own code, the browser would move the focus even during a composition.
      for (const windowsVirtualKeyCode of key === "Tab" ? [229] : [229, code]) {
        await devtools.send("Input.dispatchKeyEvent", {
          type: "rawKeyDown",
          key,
          code: key,
          windowsVirtualKeyCode,
        });
      }
    }
    const seen = await page.evaluate(() => globalThis.seen);
    assert.deepEqual([...new Set(seen.map((event) => event.key))], Object.keys(KEYS));
    assert.ok(seen.every((event) => event.composing || event.code === 229), JSON.stringify(seen));
    await assertUntouched(opened, "しはら");
    assert.ok(await widget.list.isVisible(), "the suggestions are still open");

    await devtools.send("Input.insertText", { text: "支払い方法" });
    assert.equal(await widget.input.inputValue(), "支払い方法");
    // Longer than the delay of Safari's last keydown.
    await page.waitForTimeout(200);
    const response = answered(page, "/api/v1/ask");
    await page.keyboard.press("Enter");
    await answerShown(widget, await response);
    assert.deepEqual(asked.map((body) => body.question), ["支払い方法"]);
  }));

test("keys with `isComposing` or code 229 have no effect", () =>
  onPage({}, async (page) => {
    const opened = await open(page);
    const { widget } = opened;
    await type(widget, "しはら");
    for (const key of Object.keys(KEYS)) {
      for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
        const prevented = await widget.input.evaluate(
          (input, [key, how]) =>
            !input.dispatchEvent(
              new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...how }),
            ),
          /** @type {const} */ ([key, how]),
        );
        assert.equal(prevented, false, `${key} is left to the input method`);
      }
    }
    await assertUntouched(opened, "しはら");
    assert.ok(await widget.list.isVisible());
  }));

test("a key after the end of the composition, as in Safari, sends nothing", () =>
  onPage({}, async (page) => {
    const opened = await open(page);
    const { widget } = opened;
    await type(widget, "しはら");
    // The code of the input method, or the key's own.
    for (const keyCode of [229, KEYS.Enter]) {
      await widget.input.evaluate((input, keyCode) => {
        const options = { bubbles: true, composed: true, cancelable: true };
        input.dispatchEvent(new CompositionEvent("compositionstart", options));
        input.dispatchEvent(new CompositionEvent("compositionend", { ...options, data: "しはら" }));
        input.dispatchEvent(new KeyboardEvent("keydown", { ...options, key: "Enter", keyCode }));
      }, keyCode);
      await assertUntouched(opened, "しはら");
    }
    const response = answered(page, "/api/v1/ask");
    await page.keyboard.press("Enter");
    await answerShown(widget, await response);
  }));
