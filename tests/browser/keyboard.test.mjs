// From the first letters to the desk with the keyboard only.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { SERVICE, entry } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import {
  activeOption,
  answered,
  answerShown,
  ask,
  assertDeskShown,
  firstWords,
  hasFocus,
  openWidget,
  pressEnter,
  reachTheDesk,
  sentQuestion,
  submit,
  tabTo,
  type,
  widgetOn,
} from "./support/widget.mjs";

const PAYMENT = await entry("selas-payment-method");
const site = await openSite((url) => ({ "/": embedding(url) }));

/**
 * Types the first letters of the payment entry and chooses it from the suggestions.
 * @param {import("./support/widget.mjs").Widget} widget
 */
async function choosePayment(widget) {
  const { page, input, options } = widget;
  await type(widget, "しはら");
  await options.filter({ hasText: PAYMENT.question }).waitFor();
  assert.equal(await input.getAttribute("aria-expanded"), "true");
  assert.equal(await activeOption(widget), null, "no option is active before an arrow is pressed");
  const count = await options.count();
  let option = null;
  for (let presses = 0; presses < count && !option?.includes(PAYMENT.question); presses += 1) {
    await page.keyboard.press("ArrowDown");
    option = await activeOption(widget);
  }
  assert.ok(option?.includes(PAYMENT.question), `the arrows reach it: ${option}`);
  assert.ok(await hasFocus(input), "the focus stays in the input");
  const sent = sentQuestion(page);
  const response = answered(page, "/api/v1/ask");
  await page.keyboard.press("Enter");
  assert.equal((await sent).entry, PAYMENT.id);
  const answer = await response;
  assert.equal(answer.entry.id, PAYMENT.id);
  await answerShown(widget, answer);
  assert.equal(await input.inputValue(), "", "the input is free for the next question");
  assert.equal(await input.getAttribute("aria-expanded"), "false");
}

test("from the launcher to the desk", () =>
  onPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(site.url);
    const widget = widgetOn(page);
    await tabTo(widget.launcher);
    assert.equal(await widget.launcher.getAttribute("aria-expanded"), "false");
    await page.keyboard.press("Enter");
    await widget.panel.waitFor();
    assert.equal(await widget.launcher.getAttribute("aria-expanded"), "true");
    assert.ok(await hasFocus(widget.input), "the panel opens with the focus in the input");
    await choosePayment(widget);
    assert.ok(await hasFocus(widget.input));
    const escalation = await reachTheDesk(widget, async (button) => {
      await tabTo(button, "Shift+Tab");
      await page.keyboard.press("Enter");
    });
    assert.equal(escalation.desk, "selas");
    await assertDeskShown(widget, "selas");
    const draft = widget.log.getByRole("textbox", { name: widget.text("draft") });
    const text = (await draft.count()) > 0 ? draft.last() : widget.log.getByText(firstWords(escalation.draft.body)).last();
    await text.waitFor();
    await tabTo(widget.button("draft_copy").last(), "Shift+Tab");
    await page.keyboard.press("Enter");
    await widget.button("draft_copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), escalation.draft.body);
    await page.keyboard.press("Escape");
    await widget.panel.waitFor({ state: "hidden" });
    assert.ok(await hasFocus(widget.launcher), "the focus returns to the launcher");
  }));

test("from the search box in a page to the desk", () =>
  onPage({}, async (page) => {
    await page.goto(`${SERVICE}/`);
    const widget = widgetOn(page);
    await tabTo(widget.input);
    await choosePayment(widget);
    const escalation = await reachTheDesk(widget, async (button) => {
      await tabTo(button);
      await page.keyboard.press("Space");
    });
    assert.equal(escalation.desk, "selas");
    await assertDeskShown(widget, "selas");
  }));

test("arrow keys cycle through options and input; other keys edit the text", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    await type(widget, "会費");
    const texts = await widget.options.allTextContents();
    await page.keyboard.press("ArrowUp");
    assert.equal(await activeOption(widget), texts.at(-1));
    await page.keyboard.press("ArrowDown");
    assert.equal(await activeOption(widget), null);
    await page.keyboard.press("ArrowDown");
    assert.equal(await activeOption(widget), texts[0]);
    const selected = widget.host.getByRole("option", { selected: true });
    assert.deepEqual(await selected.allTextContents(), [texts[0]]);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("年");
    assert.equal(await widget.input.inputValue(), "会年費");
    await page.keyboard.press("Home");
    await page.keyboard.type("の");
    await page.keyboard.press("End");
    await page.keyboard.type("は");
    assert.equal(await widget.input.inputValue(), "の会年費は");
  }));

test("Escape closes first the suggestions, then the panel", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    await type(widget, "会費");
    await page.keyboard.press("Escape");
    await widget.list.waitFor({ state: "hidden" });
    assert.ok(await widget.panel.isVisible());
    assert.equal(await widget.input.inputValue(), "会費", "the question is kept");
    await page.keyboard.press("Escape");
    await widget.panel.waitFor({ state: "hidden" });
    assert.ok(await hasFocus(widget.launcher));
  }));

test("Enter without an active option asks the typed question", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    const sent = sentQuestion(page);
    const answer = await ask(widget, "会費の支払方法を教えてください");
    const body = await sent;
    assert.equal(body.question, "会費の支払方法を教えてください");
    assert.equal(body.desk, "selas");
    assert.equal(body.entry ?? null, null);
    assert.equal(answer.entry.id, PAYMENT.id);
    const next = sentQuestion(page);
    await ask(widget, "それはいつですか");
    assert.equal((await next).conversation, answer.conversation);
  }));

test("Enter on an empty question sends nothing", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    const before = site.forwarded.length;
    for (const text of ["", "   ", "　"]) {
      await submit(widget, text);
    }
    assert.deepEqual(site.forwarded.slice(before), []);
    assert.equal(await widget.log.getByText(widget.text("searching")).count(), 0);
  }));

test("the number of suggestions is announced, also if there are none", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    await type(widget, "会費");
    const count = await widget.options.count();
    const status = widget.host.getByRole("status");
    await status.filter({ hasText: widget.text("hits_count", { count }) }).first().waitFor({ state: "attached" });
    await widget.input.fill("zzzz");
    await widget.host.getByText(widget.text("hits_none")).and(widget.host.locator("p:not([role])")).waitFor();
    await status.filter({ hasText: widget.text("hits_none") }).first().waitFor({ state: "attached" });
    assert.equal(await widget.options.count(), 0);
  }));
