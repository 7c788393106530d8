// Where the widget is and how it opens: side, offsets, a moved element, Back on a phone, print.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PHONE, onPage } from "./support/browser.mjs";
import { entry } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, openWidget, widgetOn } from "./support/widget.mjs";

const OFFSETS = "<style>madoguchi-widget { --madoguchi-offset-x: 48px; --madoguchi-offset-y: 96px }</style>";
const inline = '<madoguchi-widget placement="inline"></madoguchi-widget>';
const tall = '<div style="height: 3000px">tall</div>';

const site = await openSite((url) => ({
  "/": embedding(url, { body: tall }),
  "/left": embedding(url, { head: OFFSETS, widgets: ['position="left" label="困ったときは"'] }),
  "/greeting": embedding(url, { widgets: ['greeting="ようこそ" featured="selas-payment-method, jetro-refund none"'] }),
  "/hidden": embedding(url, { widgets: ["hidden"] }),
  "/two": embedding(url, { widgets: [], body: `<div id="a">${inline}</div><div id="b">${inline}</div>` }),
}));

test("the launcher is moved to the left and away from a banner", () =>
  onPage({}, async (page) => {
    const widget = widgetOn(page);
    await page.goto(`${site.url}/left`);
    assert.match(await widget.launcher.innerText(), /困ったときは/);
    await widget.launcher.click();
    await widget.panel.waitFor();
    const launcher = await widget.launcher.boundingBox();
    assert.equal(launcher.x, 48);
    assert.equal(launcher.y + launcher.height, 768 - 96);
    const panel = await widget.panel.boundingBox();
    assert.equal(panel.x, 48);
    assert.ok(panel.y >= 0 && panel.y + panel.height <= launcher.y, JSON.stringify(panel));
  }));

test("a page greets and features entries of its own", () =>
  onPage({ expected: /404/ }, async (page) => {
    const widget = await openWidget(page, `${site.url}/greeting`);
    await widget.log.getByText("ようこそ").waitFor();
    for (const id of ["selas-payment-method", "jetro-refund"]) {
      const { question } = await entry(id);
      await widget.log.getByRole("button", { name: question }).waitFor();
    }
    assert.equal(await widget.log.locator(".intro .choice").count(), 2);
  }));

test("a hidden widget appears when a script opens it, and disappears when it is closed", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/hidden`);
    const widget = widgetOn(page);
    assert.equal(await widget.launcher.isVisible(), false);
    await widget.host.evaluate((host) => host.open());
    await widget.panel.waitFor();
    await widget.close.click();
    await widget.panel.waitFor({ state: "hidden" });
    assert.equal(await widget.launcher.isVisible(), false);
  }));

test("a moved element keeps the typed question", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/two`);
    const widget = widgetOn(page);
    await widget.input.fill("書きかけ");
    await page.evaluate(() => {
      const moved = document.querySelector("#a madoguchi-widget");
      document.querySelector("#b").prepend(moved);
    });
    assert.equal(await widget.input.inputValue(), "書きかけ");
  }));

test("two widgets without an id have a conversation each", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/two`);
    const [first, second] = [widgetOn(page), widgetOn(page, { nth: 1 })];
    await ask(first, "会費の支払方法を教えてください");
    await page.reload();
    await first.log.getByText("会費の支払方法を教えてください").first().waitFor();
    assert.equal(await second.log.getByText("会費の支払方法を教えてください").count(), 0);
  }));

test("Back closes the panel on a phone and stays on the page", () =>
  onPage(PHONE, async (page) => {
    await page.goto(`${site.url}/left`);
    const widget = await openWidget(page, `${site.url}/`);
    const overflow = () => page.evaluate(() => getComputedStyle(document.documentElement).overflowY);
    assert.equal(await overflow(), "hidden", "the page behind does not scroll");
    await page.goBack();
    await widget.panel.waitFor({ state: "hidden" });
    assert.equal(page.url(), `${site.url}/`);
    assert.notEqual(await overflow(), "hidden");
    // Closed by its button, it leaves no entry behind.
    await widget.launcher.tap();
    await widget.panel.waitFor();
    await widget.close.tap();
    await widget.panel.waitFor({ state: "hidden" });
    await page.waitForFunction(() => !history.state?.madoguchi);
    await page.goBack();
    assert.equal(page.url(), `${site.url}/left`);
  }));

test("fields on a phone are large enough that it does not zoom", () =>
  onPage(PHONE, async (page) => {
    const widget = await openWidget(page, `${site.url}/`);
    await ask(widget, "担当者と話したい");
    const sizes = await widget.host.evaluate((host) =>
      [...host.shadowRoot.querySelectorAll("input, textarea")].map((field) => parseFloat(getComputedStyle(field).fontSize)),
    );
    assert.equal(sizes.length, 2);
    assert.ok(sizes.every((size) => size >= 16), String(sizes));
  }));

test("text has at least 16 pixels, secondary text 14", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/`);
    await ask(widget, "有料会員をやめたい");
    await ask(widget, "担当者と話したい");
    const small = await widget.host.evaluate((host) => {
      const found = [];
      for (const element of host.shadowRoot.querySelectorAll("*")) {
        const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim());
        const size = parseFloat(getComputedStyle(element).fontSize);
        const isMain = element.closest(".lead, .prose, .member, .choice > span") !== null;
        if (own && size < (isMain ? 16 : 14)) found.push(`${element.localName}.${element.className}: ${size}`);
      }
      return found;
    });
    assert.deepEqual(small, []);
  }));

test("a printed conversation is complete", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/two`);
    const widget = widgetOn(page);
    for (const question of ["商品登録に必要な情報", "有料会員をやめたい", "会費の支払方法"]) await ask(widget, question);
    await page.emulateMedia({ media: "print" });
    const [height, content] = await widget.log.evaluate((log) => [log.clientHeight, log.scrollHeight]);
    assert.ok(height >= content - 1, `${height} of ${content}`);
    assert.equal(await widget.input.isVisible(), false);
  }));
