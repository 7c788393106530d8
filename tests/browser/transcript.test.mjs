// A conversation goes on over the pages of a tab, until it is started over.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, firstWords, hasFocus, widgetOn } from "./support/widget.mjs";

const QUESTION = "会費の支払方法を教えてください";

const site = await openSite((url) => ({ "/one": embedding(url), "/other": embedding(url) }));

test("it survives a change of page and goes on there", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/one`);
    const widget = widgetOn(page);
    await widget.launcher.click();
    const answer = await ask(widget, QUESTION);
    const before = site.asked.length;
    await page.goto(`${site.url}/other`);
    await widget.panel.waitFor();
    await widget.log.getByText(QUESTION).first().waitFor();
    await widget.log.getByText(firstWords(answer.entry.answer.text)).first().waitFor();
    assert.equal(await hasFocus(widget.input), false, "an open panel takes no focus from a new page");
    const requests = site.asked.slice(before).filter((line) => line.includes("/api/"));
    assert.deepEqual(requests, [], "nothing is asked again");
    const sent = page.waitForRequest((request) => request.url().endsWith("/ask"));
    await ask(widget, "それはいつですか");
    assert.equal((await sent).postDataJSON().conversation, answer.conversation);
  }));

test("starting over clears it for good", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/one`);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await ask(widget, QUESTION);
    await widget.button("start_over").first().click();
    await widget.log.getByText(QUESTION).first().waitFor({ state: "hidden" });
    const sent = page.waitForRequest((request) => request.url().endsWith("/ask"));
    await page.reload();
    await widget.panel.waitFor();
    assert.equal(await widget.log.getByText(QUESTION).count(), 0);
    await ask(widget, "解約したい");
    assert.equal((await sent).postDataJSON().conversation ?? null, null, "a new conversation");
  }));

test("another tab has its own", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/one`);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await ask(widget, QUESTION);
    const tab = await page.context().newPage();
    await tab.goto(`${site.url}/one`);
    const other = widgetOn(tab);
    await other.launcher.click();
    assert.equal(await other.log.getByText(QUESTION).count(), 0);
  }));

test("without storage it works all the same", () =>
  onPage({}, async (page) => {
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, "sessionStorage", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    await page.goto(`${site.url}/one`);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await ask(widget, QUESTION);
  }));

test("only new messages are added to the log", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/one`);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await ask(widget, QUESTION);
    await widget.log.evaluate((log) => {
      globalThis.first = log.firstElementChild;
    });
    await ask(widget, "解約したい");
    // A reader would hear the whole history again if it were written anew.
    assert.ok(await widget.log.evaluate((log) => log.contains(globalThis.first)));
    assert.equal(await widget.log.getAttribute("aria-live"), "polite");
  }));
