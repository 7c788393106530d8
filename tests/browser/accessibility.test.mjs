// Accessibility by axe: all states of the widget and all pages, light and dark, both languages.
import { test } from "node:test";

import { assertNoViolations, failOn, violationsOn } from "./support/axe.mjs";
import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, assertDeskShown, openWidget, reachTheDesk, submit, widgetOn } from "./support/widget.mjs";

const PAGES = [
  "/",
  "/desks/selas",
  "/desks/selas/会員種別について/登録について",
  "/desks/jetro/その他",
  "/entries/selas-product-registration",
  "/search?q=会費",
  "/search?q=会費&desk=selas",
  "/search?q=zzzz",
  "/contact",
  "/demo",
];

const site = await openSite((url) => ({
  "/ja": embedding(url, { widgets: ["theme=auto"] }),
  "/en": embedding(url, { lang: "en", widgets: ["theme=auto"] }),
  "/inline": embedding(url, { widgets: [], body: '<madoguchi-widget placement="inline"></madoguchi-widget>' }),
}));

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const language of /** @type {const} */ (["ja", "en"])) {
    test(`the widget, ${colorScheme}, ${language}`, () =>
      onPage({ colorScheme }, async (page) => {
        await page.goto(`${site.url}/${language}`);
        const widget = widgetOn(page, { language });
        const found = [];
        const check = async (state) => found.push(...(await violationsOn(page, state)));
        await widget.launcher.waitFor();
        await check("closed");
        await widget.launcher.click();
        await widget.panel.waitFor();
        await check("open");
        await widget.input.fill("会費");
        await widget.options.first().waitFor();
        await page.keyboard.press("ArrowDown");
        await check("suggestions");
        await ask(widget, "SELAS の商品登録の入力必須項目を教えてください");
        await check("answer with a table");
        await ask(widget, "会費");
        await check("choices");
        await ask(widget, "SELAS の会費の支払方法を教えてください");
        await reachTheDesk(widget, (button) => button.click());
        await check("desk");
        await ask(widget, "担当者と話したい");
        await check("all desks");
        await widget.button("show_contact").first().click();
        await assertDeskShown(widget, "jetro", language);
        await check("desks without a question");
        // Reported together, so that one state does not hide the others.
        failOn(found);
      }));

    for (const path of PAGES) {
      test(`${path}, ${colorScheme}, ${language}`, () =>
        onPage({ colorScheme }, async (page) => {
          const url = new URL(path, SERVICE);
          url.searchParams.set("lang", language);
          await page.goto(url.href);
          await page.locator("madoguchi-widget").first().waitFor({ state: "attached" });
          await assertNoViolations(page, url.pathname);
        }));
    }
  }
}

test("a failure", () =>
  onPage({ expected: /500/ }, async (page) => {
    const widget = await openWidget(page, `${site.url}/ja`);
    await page.route("**/api/v1/ask", (route) => route.fulfill({ status: 500, body: "" }));
    await submit(widget, "会費");
    await widget.button("retry").waitFor();
    await assertNoViolations(page, "failure");
  }));

test("the widget in a page and on a phone", () =>
  onPage({ ...PHONE, colorScheme: "dark" }, async (page) => {
    await page.goto(`${site.url}/inline`);
    const widget = widgetOn(page);
    await widget.input.waitFor();
    await assertNoViolations(page, "inline");
    await ask(widget, "会費の支払方法を教えてください");
    await assertNoViolations(page, "inline with an answer");
    await page.goto(`${site.url}/ja`);
    await widget.launcher.tap();
    await widget.panel.waitFor();
    await assertNoViolations(page, "panel on a phone");
  }));

for (const path of PAGES) {
  test(`${path}, forced colours`, () =>
    onPage({ forcedColors: "active" }, async (page) => {
      await page.goto(SERVICE + path);
      await page.locator("madoguchi-widget").first().waitFor({ state: "attached" });
      await assertNoViolations(page, path);
    }));
}

test("with forced colours", () =>
  onPage({ forcedColors: "active" }, async (page) => {
    const widget = await openWidget(page, `${site.url}/ja`);
    await ask(widget, "会費の支払方法を教えてください");
    await assertNoViolations(page, "forced colours");
  }));
