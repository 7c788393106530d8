// The widget in foreign pages: several at once, with hostile styles, in other languages.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { CONFIG, SERVICE, desk, sentence } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, assertDeskShown, openWidget, sentQuestion, type, widgetOn } from "./support/widget.mjs";

const AGGRESSIVE = `<style>
* { all: unset !important; font-size: 40px !important; color: lime !important }
html, body, main, h1, p { display: block !important }
button { display: none !important }
div { position: fixed !important }
madoguchi-widget { all: unset !important; display: block !important }
input, [role] { visibility: hidden !important; transform: rotate(45deg) !important }
</style>`;

const inline = (attributes) => `<madoguchi-widget placement="inline" ${attributes}></madoguchi-widget>`;

const site = await openSite((url) => ({
  "/two": embedding(url, { widgets: [], body: inline('desk="selas"') + inline('desk="jetro"') }),
  "/plain": embedding(url),
  "/aggressive": embedding(url, { head: AGGRESSIVE }),
  "/small": embedding(url, { head: "<style>html { font-size: 62.5% } body { font: italic 1rem/1 serif }</style>" }),
  "/english": embedding(url, { lang: "en" }),
  "/nested": embedding(url, { widgets: [], body: `<section lang="en-GB">${inline("")}</section>` }),
  "/french": embedding(url, { lang: "fr" }),
  "/twice": embedding(url, { head: `<script type="module" src="${url}/widget.js?again"></script>` }),
  "/fallback": embedding(url, {
    widgets: [],
    body: `<madoguchi-widget placement="inline"><form action="/search"><label>q <input name="q"></label></form></madoguchi-widget>`,
  }),
}));

test("two widgets on a page are independent", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/two`);
    const selas = widgetOn(page, { nth: 0 });
    const jetro = widgetOn(page, { nth: 1 });
    await selas.input.fill("会費");
    await selas.options.first().waitFor();
    assert.equal(await jetro.options.count(), 0);
    assert.equal(await jetro.input.inputValue(), "");
    const asked = sentQuestion(page);
    await ask(selas, "会費の支払方法を教えてください");
    assert.equal((await asked).desk, "selas");
    assert.equal(await jetro.log.getByText("会費の支払方法を教えてください").count(), 0);
    const other = sentQuestion(page);
    await ask(jetro, "補助金はありますか");
    const body = await other;
    assert.equal(body.desk, "jetro");
    assert.equal(body.conversation ?? null, null, "each has its own conversation");
    assert.equal(await selas.log.getByText("補助金はありますか").count(), 0);
    await page.reload();
    await selas.log.getByText("会費の支払方法を教えてください").first().waitFor();
    await jetro.log.getByText("補助金はありますか").first().waitFor();
    await selas.button("start_over").first().click();
    await selas.log.getByText("会費の支払方法を教えてください").first().waitFor({ state: "hidden" });
    assert.ok(await jetro.log.getByText("補助金はありますか").first().isVisible());
  }));

/**
 * Lists size, position and style of the elements in the widget.
 * @param {import("./support/widget.mjs").Widget} widget
 */
function appearance(widget) {
  return widget.host.evaluate((host) => {
    const rows = [];
    for (const element of host.shadowRoot?.querySelectorAll("button, input, a, p, [role], h1, h2, h3") ?? []) {
      const style = getComputedStyle(element);
      const { x, y, width, height } = element.getBoundingClientRect();
      rows.push(
        [
          element.localName,
          element.getAttribute("role"),
          element.textContent?.slice(0, 20),
          [x, y, width, height].map(Math.round).join(),
          ...["display", "position", "visibility", "fontSize", "color", "transform", "cursor"].map((name) => style[name]),
        ].join(" | "),
      );
    }
    return rows;
  });
}

/** @param {string} path */
async function appearanceOn(path) {
  let rows = [];
  await onPage({}, async (page) => {
    await page.goto(site.url + path);
    const widget = widgetOn(page);
    await widget.launcher.waitFor();
    rows = await appearance(widget);
    await widget.launcher.click();
    await ask(widget, "会費の支払方法を教えてください");
    await widget.input.click();
    await type(widget, "会費");
    // The number of suggestions is announced after a moment.
    await widget.host.getByRole("status").filter({ hasText: /\d/ }).waitFor({ state: "attached" });
    rows.push(...(await appearance(widget)));
  });
  return rows;
}

/** @type {string[]} */
let plain = [];
before(async () => {
  plain = await appearanceOn("/plain");
});

for (const path of ["/aggressive", "/small"]) {
  test(`styles of the page do not affect the widget: ${path}`, async () => {
    assert.ok(plain.length > 20, "the widget was measured");
    const rows = await appearanceOn(path);
    const changed = plain.flatMap((row, at) => (row === rows[at] ? [] : [`${row}\n    is now ${rows[at]}`]));
    assert.equal(changed.length, 0, changed.slice(0, 12).join("\n"));
    assert.equal(rows.length, plain.length);
  });
}

test("the labels are in the language of the page", () =>
  onPage({ locale: "ja-JP" }, async (page) => {
    await page.goto(`${site.url}/english`);
    const widget = widgetOn(page, { language: "en" });
    assert.equal((await widget.launcher.textContent())?.trim(), sentence("en", "ask_button"));
    await widget.launcher.click();
    await widget.input.waitFor();
    const sent = sentQuestion(page);
    const answer = await ask(widget, "How can I pay the membership fee?");
    assert.equal((await sent).language, "en");
    assert.match(answer.message, /official answer/);
    const japanese = await widget.log.evaluate(
      (log, start) => {
        const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          if (node.textContent?.includes(start)) return node.parentElement?.closest("[lang]")?.getAttribute("lang");
        }
        return "not found";
      },
      answer.entry.answer.text.slice(0, 6),
    );
    assert.equal(japanese, "ja", "the Japanese answer is marked as Japanese");
    await page.goto(`${site.url}/nested`);
    await widgetOn(page, { language: "en" }).input.waitFor();
  }));

test("a page in another language falls back to the browser's", async () => {
  for (const [locale, language] of /** @type {const} */ ([["en-US", "en"], ["ja-JP", "ja"]])) {
    await onPage({ locale }, async (page) => {
      await page.goto(`${site.url}/french`);
      const { launcher } = widgetOn(page, { language });
      assert.equal((await launcher.textContent())?.trim(), sentence(language, "ask_button"));
    });
  }
});

test("attributes may change at any time", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/plain`);
    const japanese = widgetOn(page);
    await japanese.launcher.waitFor();
    const set = (name, value) =>
      japanese.host.evaluate((host, [name, value]) => host.setAttribute(name, value), /** @type {const} */ ([name, value]));
    await set("language", "en");
    const english = widgetOn(page, { language: "en" });
    assert.equal((await english.launcher.textContent())?.trim(), sentence("en", "ask_button"));
    const background = () => english.panel.evaluate((panel) => getComputedStyle(panel).backgroundColor);
    await english.launcher.click();
    await set("theme", "light");
    await english.panel.waitFor();
    const light = await background();
    await set("theme", "dark");
    assert.notEqual(await background(), light);
    await set("desk", "jetro");
    assert.ok(await english.panel.isVisible(), "a change of the desk leaves the panel open");
    await english.button("show_contact").first().click();
    await assertDeskShown(english, "jetro", "en");
    await set("placement", "inline");
    await english.launcher.waitFor({ state: "hidden" });
    await english.input.waitFor();
  }));

test("a featured question of the desk is answered on click", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/plain`);
    const featured = desk("selas").featured;
    assert.ok(featured.length > 0, JSON.stringify(CONFIG.desks));
    const sent = sentQuestion(page);
    await widget.panel.getByRole("button", { name: featured[0].question }).click();
    assert.equal((await sent).entry, featured[0].id);
  }));

test("the page receives answer events and can open, ask and close", () =>
  onPage({}, async (page) => {
    await page.goto(`${site.url}/plain`);
    const widget = widgetOn(page);
    await widget.launcher.waitFor();
    const detailReceived = page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener("madoguchi-answer", (event) =>
            resolve(/** @type {CustomEvent} */ (event).detail),
          );
        }),
    );
    await widget.host.evaluate((/** @type {any} */ host) => host.open());
    await widget.panel.waitFor();
    await widget.host.evaluate((/** @type {any} */ host) => host.ask("会費の支払方法を教えてください"));
    const detail = await detailReceived;
    assert.equal(detail.outcome, "answered");
    assert.equal(detail.entry?.id ?? detail.entry, "selas-payment-method");
    await widget.host.evaluate((/** @type {any} */ host) => host.close());
    await widget.panel.waitFor({ state: "hidden" });
  }));

test("loading the script twice has no effect", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/twice`);
    assert.equal(await widget.panel.count(), 1);
  }));

test("text typed into the fallback before the script loads is kept", () =>
  onPage({}, async (page) => {
    /** @type {() => void} */
    let release = () => {};
    const held = new Promise((resolve) => (release = () => resolve(undefined)));
    await page.route("**/widget.js", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(`${site.url}/fallback`, { waitUntil: "commit" });
    const fallback = page.locator('form input[name="q"]');
    await fallback.click();
    await page.keyboard.type("しはら");
    release();
    const widget = widgetOn(page);
    await widget.input.waitFor();
    assert.equal(await widget.input.inputValue(), "しはら");
    assert.ok(await widget.input.evaluate((input) => /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input));
    assert.equal(await fallback.isVisible(), false);
    await page.keyboard.type("い");
    assert.equal(await widget.input.inputValue(), "しはらい");
  }));

test("the widget works on the service's own pages", () =>
  onPage({}, async (page) => {
    for (const path of ["/entries/selas-payment-method", "/contact", "/demo"]) {
      await page.goto(SERVICE + path);
      const widget = widgetOn(page);
      if (!(await widget.panel.isVisible())) await widget.launcher.click();
      const answer = await ask(widget, "会費の支払方法を教えてください");
      assert.ok(["answered", "suggested"].includes(answer.outcome), path);
    }
  }));
