// From a question to the desk by touch, on a phone of 360 by 740 pixels.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE, entry } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import {
  answered,
  answerShown,
  ask,
  assertDeskShown,
  assertNoSidewaysScroll,
  hasFocus,
  openWidget,
  reachTheDesk,
  type,
  widgetOn,
} from "./support/widget.mjs";

const PAYMENT = await entry("selas-payment-method");
const site = await openSite((url) => ({ "/": embedding(url) }));

/** @param {import("./support/widget.mjs").Widget} widget */
async function fromQuestionToDesk(widget) {
  const { page, input, options } = widget;
  await input.tap();
  await type(widget, "しはら");
  const option = options.filter({ hasText: PAYMENT.question });
  await option.waitFor();
  await assertNoSidewaysScroll(page);
  const response = answered(page, "/api/v1/ask");
  await option.tap();
  const answer = await response;
  assert.equal(answer.entry.id, PAYMENT.id);
  await answerShown(widget, answer);
  await assertNoSidewaysScroll(page);
  await reachTheDesk(widget, (button) => button.tap());
  await assertDeskShown(widget, "selas");
  await assertNoSidewaysScroll(page);
}

test("from the launcher to the desk", () =>
  onPage(PHONE, async (page) => {
    await page.goto(site.url);
    await assertNoSidewaysScroll(page);
    const widget = widgetOn(page);
    await widget.launcher.tap();
    await widget.panel.waitFor();
    const box = await widget.panel.boundingBox();
    assert.deepEqual(box, { x: 0, y: 0, width: 360, height: 740 }, "the panel fills the screen");
    assert.equal(await hasFocus(widget.input), false, "the keyboard does not open by itself");
    await fromQuestionToDesk(widget);
    await widget.panel.getByRole("button", { name: widget.text("close"), exact: true }).tap();
    await widget.panel.waitFor({ state: "hidden" });
  }));

test("from the search box in a page to the desk", () =>
  onPage(PHONE, async (page) => {
    await page.goto(`${SERVICE}/`);
    await assertNoSidewaysScroll(page);
    await fromQuestionToDesk(widgetOn(page));
  }));

test("touch targets are large enough", () =>
  onPage(PHONE, async (page) => {
    const widget = await openWidget(page, site.url, (launcher) => launcher.tap());
    await ask(widget, "会費の支払方法を教えてください");
    const small = await widget.host.evaluate((host) => {
      const found = [];
      for (const element of host.shadowRoot?.querySelectorAll("button, input, [role=option]") ?? []) {
        const { width, height } = element.getBoundingClientRect();
        if (width > 0 && (width < 44 || height < 44)) {
          found.push(`${element.textContent || element.localName}: ${width} by ${height}`);
        }
      }
      return found;
    });
    assert.deepEqual(small, []);
    const size = await widget.input.evaluate((input) => parseFloat(getComputedStyle(input).fontSize));
    assert.ok(size >= 16, "a smaller font makes iOS zoom in");
  }));

test("a wide table scrolls within the answer", () =>
  onPage(PHONE, async (page) => {
    const widget = await openWidget(page, site.url, (launcher) => launcher.tap());
    const answer = await ask(widget, "商品登録の入力必須項目を教えてください");
    assert.ok(answer.entry?.answer.html.includes("<table"), JSON.stringify(answer));
    await widget.log.getByRole("table").waitFor();
    await assertNoSidewaysScroll(page);
  }));

for (const path of ["/", "/entries/selas-paid-membership", "/search?q=会費", "/contact", "/demo"]) {
  for (const language of ["ja", "en"]) {
    test(`${path} in ${language} is no wider than a phone`, () =>
      onPage(PHONE, async (page) => {
        const url = new URL(path, SERVICE);
        url.searchParams.set("lang", language);
        await page.goto(url.href);
        await assertNoSidewaysScroll(page);
      }));
  }
}
