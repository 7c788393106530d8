// The conversation of a tab continues across pages until it is started over.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, firstWords, hasFocus, openWidget, sentQuestion, widgetOn } from "./support/widget.mjs";

const QUESTION = "会費の支払方法を教えてください";

const site = await openSite((url) => ({ "/one": embedding(url), "/other": embedding(url) }));

test("the conversation continues on another page", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/one`);
    const answer = await ask(widget, QUESTION);
    const before = site.forwarded.length;
    await page.goto(`${site.url}/other`);
    await widget.panel.waitFor();
    await widget.log.getByText(QUESTION).first().waitFor();
    await widget.log.getByText(firstWords(answer.entry.answer.text)).first().waitFor();
    assert.equal(await hasFocus(widget.input), false, "an open panel does not take the focus of a new page");
    const requests = site.forwarded.slice(before).filter((line) => line.includes("/api/"));
    assert.deepEqual(requests, [], "no question is repeated");
    const sent = sentQuestion(page);
    await ask(widget, "それはいつですか");
    assert.equal((await sent).conversation, answer.conversation);
  }));

test("starting over clears the conversation permanently", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/one`);
    await ask(widget, QUESTION);
    await widget.button("start_over").first().click();
    await widget.log.getByText(QUESTION).first().waitFor({ state: "hidden" });
    const sent = sentQuestion(page);
    await page.reload();
    await widget.panel.waitFor();
    assert.equal(await widget.log.getByText(QUESTION).count(), 0);
    await ask(widget, "解約したい");
    assert.equal((await sent).conversation ?? null, null, "a new conversation");
  }));

test("another tab has its own conversation", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/one`);
    await ask(widget, QUESTION);
    const tab = await page.context().newPage();
    await tab.goto(`${site.url}/one`);
    const other = widgetOn(tab);
    await other.launcher.click();
    assert.equal(await other.log.getByText(QUESTION).count(), 0);
  }));

test("the widget works without storage", () =>
  onPage({}, async (page) => {
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, "sessionStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    const widget = await openWidget(page, `${site.url}/one`);
    await ask(widget, QUESTION);
  }));

test("only new messages are added to the log", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/one`);
    await ask(widget, QUESTION);
    await widget.log.evaluate((log) => {
      globalThis.first = log.firstElementChild;
    });
    await ask(widget, "解約したい");
    // Replaced nodes would make screen readers read the whole history again.
    assert.ok(await widget.log.evaluate((log) => log.contains(globalThis.first)));
    assert.equal(await widget.log.getAttribute("aria-live"), "polite");
  }));
