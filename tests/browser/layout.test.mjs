// The look of the pages and the widget where a browser decides: lines, covered parts, links, forms.
import assert from "node:assert/strict";
import { test } from "node:test";

import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, openWidget, pressEnter, widgetOn } from "./support/widget.mjs";

const NO_SCRIPT = { javaScriptEnabled: false };

/** Pages with the form of the help centre. */
const FORMS = ["/", "/desks/selas", "/desks/selas/ご利用について", "/entries/selas-payment-method", "/search?q=会費", "/search", "/gone"];

const site = await openSite((url) => ({
  "/": embedding(url),
  "/label": embedding(url, { widgets: ['label="困ったときは"'] }),
}));
const foreign = await openSite({ "/": embedding(SERVICE) });

test("on a phone, the way to a page is one line with the step before it", () =>
  onPage({ ...PHONE, viewport: { width: 375, height: 740 } }, async (page) => {
    for (const [path, parent] of [
      ["/entries/selas-prorated-fee", "会員種別について/登録について"],
      ["/entries/jetro-support-services?lang=en", "About JETRO"],
      ["/desks/selas/会員種別について/登録について", "SELAS（セラス）"],
      ["/desks/jetro", "よくあるご質問"],
      ["/search?q=会費&desk=selas", "SELAS（セラス）"],
    ]) {
      await page.goto(SERVICE + path);
      const trail = page.locator("nav.place");
      assert.deepEqual(await trail.getByRole("link").allTextContents(), [parent], path);
      const box = await trail.boundingBox();
      assert.ok(box && box.height < 40, `${path}: ${box?.height}`);
      const step = page.getByRole("listitem").filter({ hasText: parent }).first();
      assert.ok((await step.boundingBox()).width <= 375 - 32, path);
    }
  }));

test("the launcher covers nothing at the end of a page", () =>
  onPage(PHONE, async (page) => {
    for (const path of ["/contact", "/entries/selas-payment-method", "/search?q=zzzz", "/desks/selas/ご利用について?lang=en"]) {
      await page.goto(SERVICE + path);
      const { launcher } = widgetOn(page, { language: path.includes("lang=en") ? "en" : "ja" });
      await launcher.waitFor();
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
      const button = await launcher.boundingBox();
      for (const link of await page.locator("footer a, main a").all()) {
        const box = await link.boundingBox();
        assert.ok(!box || box.y + box.height <= button.y, `${path}: ${await link.innerText()}`);
      }
    }
  }));

test("the launcher of an open panel says that it closes", () =>
  onPage({}, async (page) => {
    for (const [path, label] of [["/", "質問する"], ["/label", "困ったときは"]]) {
      const widget = await openWidget(page, site.url + path);
      assert.equal((await widget.launcher.innerText()).trim(), widget.text("close"));
      await widget.launcher.click();
      await widget.panel.waitFor({ state: "hidden" });
      assert.equal((await widget.launcher.innerText()).trim(), label);
    }
  }));

test("the form looks the same on every page, and like that of the widget", () =>
  onPage({ expected: /404/ }, async (page) => {
    const look = (input) =>
      input.evaluate((field) => {
        const button = field.parentElement.querySelector("button");
        return [field, button].map((it) => {
          const { height, borderRadius } = getComputedStyle(it);
          return `${height} ${borderRadius}`;
        });
      });
    await page.goto(`${SERVICE}/`);
    const widget = widgetOn(page);
    await widget.input.waitFor();
    const wanted = await look(widget.input);
    await page.context().addInitScript(() => customElements.define("madoguchi-widget", class extends HTMLElement {}));
    for (const path of FORMS) {
      await page.goto(SERVICE + path, { waitUntil: "commit" });
      const input = page.locator("form.search input[name=q]");
      await input.waitFor();
      await page.waitForLoadState();
      assert.deepEqual(await look(input), wanted, path);
    }
  }));

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`links look like links, ${colorScheme}`, () =>
    onPage({ ...NO_SCRIPT, colorScheme }, async (page) => {
      const look = (link) =>
        link.evaluate((it) => [getComputedStyle(it).color, getComputedStyle(it).textDecorationLine].join(" "));
      await page.goto(`${SERVICE}/desks/selas`);
      const wanted = await look(page.locator("footer a").first());
      assert.match(wanted, /underline/);
      assert.equal(await look(page.locator("main .entries a").first()), wanted);
      // A match keeps the colour of its link, and has no ground on which that may be unreadable.
      await page.goto(`${SERVICE}/search?q=会費`);
      const mark = page.locator(".hits a mark").first();
      const { color, background } = await mark.evaluate((it) => {
        const style = getComputedStyle(it);
        return { color: style.color, background: style.backgroundColor };
      });
      assert.equal(color, wanted.replace(" underline", ""));
      assert.equal(background, "rgba(0, 0, 0, 0)");
    }));
}

test("a draft grows with its text", () =>
  onPage({}, async (page) => {
    const check = async (field) => {
      await field.fill(Array(30).fill("1行").join("\n"));
      const [height, content] = await field.evaluate((it) => [it.clientHeight, it.scrollHeight]);
      assert.ok(height >= content, `${height} of ${content}`);
    };
    await page.goto(`${SERVICE}/search?q=領収書がほしい、SELASの`);
    await check(page.locator("textarea"));
    const widget = await openWidget(page, site.url);
    await ask(widget, "担当者と話したい");
    await check(widget.log.getByRole("textbox"));
  }));

test("an empty cell of a table is marked", () =>
  onPage({}, async (page) => {
    await page.goto(`${SERVICE}/entries/selas-product-registration`);
    const shown = page.locator(".answer tbody td:empty");
    assert.ok((await shown.count()) > 0);
    const mark = await shown.first().evaluate((cell) => getComputedStyle(cell, "::before").content);
    assert.equal(mark, '"－"');
  }));

test("headings break between phrases", () =>
  onPage({}, async (page) => {
    await page.goto(`${SERVICE}/entries/selas-prorated-fee`);
    const style = await page.locator("h1").evaluate((heading) => getComputedStyle(heading).wordBreak);
    assert.equal(style, "auto-phrase");
  }));

test("text on pages has at least 16 pixels, secondary text 14", () =>
  onPage({ expected: /404/ }, async (page) => {
    for (const path of [...FORMS, "/contact", "/demo", "/search?q=zzzz"]) {
      await page.goto(SERVICE + path);
      const small = await page.evaluate(() => {
        const found = [];
        for (const element of document.querySelectorAll("body *:not(.hidden, .printed)")) {
          const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
          const size = parseFloat(getComputedStyle(element).fontSize);
          const isMain = element.matches(".answer *, .entries a, h1, h2, h3, main > p:not([class])");
          if (own && size < (isMain ? 16 : 14)) found.push(`${element.localName}.${element.className}: ${size}`);
        }
        return found;
      });
      assert.deepEqual(small, [], path);
    }
  }));

test("a printed page names the site and the day", () =>
  onPage({}, async (page) => {
    await page.goto(`${SERVICE}/entries/selas-prorated-fee`);
    assert.equal(await page.locator(".printed").isVisible(), false);
    await page.emulateMedia({ media: "print" });
    assert.match(await page.locator(".printed").innerText(), /よくあるご質問.*entries\/selas-prorated-fee.*\d{4}年\d+月\d+日/);
  }));

test("the button of a form has its label before and after the widget replaces it", () =>
  onPage({}, async (page) => {
    for (const path of ["/", "/desks/selas"]) {
      await page.goto(SERVICE + path);
      const widget = widgetOn(page);
      await widget.button("search").waitFor();
      assert.equal(await widget.host.locator("form button").textContent(), widget.text("search"));
    }
  }));

test("the button of the search form has one label on all pages", () =>
  onPage({ ...NO_SCRIPT, expected: /404/ }, async (page) => {
    for (const path of FORMS) {
      await page.goto(SERVICE + path);
      assert.equal(await page.locator("form.search button").innerText(), "検索", path);
    }
  }));

/**
 * Lists the words of elements that are broken at the end of a line.
 * @param {import("playwright-core").Locator} elements
 */
const brokenWords = (elements) =>
  elements.evaluateAll((all) => {
    const words = new Intl.Segmenter("ja", { granularity: "word" });
    const broken = [];
    for (const element of all) {
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        for (const { segment, index, isWordLike } of words.segment(text.data)) {
          const range = document.createRange();
          range.setStart(text, index);
          range.setEnd(text, index + segment.length);
          const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
          if (isWordLike && lines.size > 1) broken.push(`${segment} in ${element.textContent}`);
        }
      }
    }
    return broken;
  });

test("on a phone, no word of a heading or a table is broken, and only tables scroll sideways", () =>
  onPage(PHONE, async (page) => {
    for (const path of ["/", "/desks/selas", "/desks/jetro", "/entries/selas-product-registration", "/search?q=会費", "/contact"]) {
      await page.goto(SERVICE + path);
      assert.deepEqual(await brokenWords(page.locator("h1, h2, h3, dt, th, td")), [], path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path}: ${wide}`);
    }
    const widget = await openWidget(page, site.url, (launcher) => launcher.tap());
    await ask(widget, "商品登録の入力必須項目を教えてください");
    await ask(widget, "担当者と話したい");
    assert.deepEqual(await brokenWords(widget.host.locator("h2, dt, th, td, .title")), []);
  }));

test("a link of the widget to another site says that it opens a new tab; one of the same site does not", () =>
  onPage({}, async (page) => {
    const link = (widget) => widget.host.getByRole("link", { name: widget.text("help_centre") });
    const widget = await openWidget(page, foreign.url);
    assert.equal(await link(widget).getAttribute("target"), "_blank");
    const said = await link(widget).evaluate((it) => getComputedStyle(it, "::after").content);
    assert.ok(said.includes(widget.text("new_tab")), said);
    const own = await openWidget(page, `${SERVICE}/entries/selas-prorated-fee`);
    assert.equal(await link(own).getAttribute("target"), null);
  }));

test("the log has a thin frame for the keyboard", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url, pressEnter);
    await widget.log.focus();
    const style = await widget.log.evaluate((log) => [getComputedStyle(log).outlineWidth, getComputedStyle(log).outlineOffset]);
    assert.deepEqual(style, ["2px", "-2px"]);
  }));

test("a question asked on a phone leaves no frame around the log", () =>
  onPage(PHONE, async (page) => {
    const widget = await openWidget(page, site.url, (launcher) => launcher.tap());
    await ask(widget, "会費の支払方法を教えてください");
    assert.equal(await widget.log.evaluate((log) => getComputedStyle(log).outlineStyle), "none");
  }));
