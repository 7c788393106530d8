// The forms of the staff desk: an answer with its buttons and previews, a desk with the keyboard alone,
// accessibility of every form in both languages, the width of a phone.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failOn, violationsOn } from "./support/axe.mjs";
import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { checked, signIn, until } from "./support/staff.mjs";

/** An entry of the shipped knowledge. */
const ENTRY = "selas-product-registration";

/** The new number of a desk. */
const NUMBER = "03-0000-1234";

/** The pages with the forms of desks, subjects, words, messages and the brand. */
const FORMS = [
  "/staff/desks",
  "/staff/desk?id=jetro",
  "/staff/topics",
  "/staff/topic?kind=referral&id=jetro-application-deadline",
  "/staff/topic?kind=out_of_scope",
  "/staff/settings",
  "/staff/lexicon",
  "/staff/word?kind=spelling",
  "/staff/word?kind=stop_words",
  "/staff/messages",
  "/staff/message?key=asked",
  "/staff/brand",
  `/staff/copy?id=${ENTRY}`,
];

test("the buttons above the answer write Markdown that the preview shows in each channel", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
    const answer = page.getByLabel("答え", { exact: true });
    await answer.fill("料金");
    await answer.selectText();
    await page.getByRole("button", { name: "太字" }).click();
    assert.equal(await answer.inputValue(), "**料金**");
    await answer.press("End");
    await page.getByRole("button", { name: "表" }).click();
    await page.locator(".preview strong", { hasText: "料金" }).first().waitFor();
    await page.locator(".preview td", { hasText: "100円" }).waitFor();
    await page.getByText("Telegram").click();
    await page.locator(".preview .message", { hasText: "料金: 100円" }).waitFor();
    await answer.press("Control+z");
    assert.equal(await answer.inputValue(), "**料金**");
    await page.getByLabel("言い換え").fill("(解約|退会)したい");
    await page.getByText("(解約|退会)したい → 2通り").click();
    await page.locator(".expansions li", { hasText: "退会したい" }).waitFor();
  }));

test("a telephone number and hours change on the contact page, with the keyboard alone", () =>
  onPage({}, async (page) => {
    const contact = async () => (await fetch(`${SERVICE}/contact`)).text();
    assert.ok(!(await contact()).includes(NUMBER));
    await signIn(page);
    /** Writes into the field with a label. */
    const write = async (label, text) => {
      await page.getByLabel(label, { exact: true }).first().focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.type(text);
    };
    await page.getByRole("link", { name: "窓口", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "窓口" }).waitFor();
    await page.getByRole("link", { name: "JETRO" }).first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "窓口を直す" }).waitFor();
    await write("番号や宛先", NUMBER);
    await write("会員に見せる受付時間（日本語）", "平日 10時～15時");
    await write("会員に見せる受付時間（英語）", "10:00–15:00 on weekdays");
    await write("月曜日", "15-10");
    await page.keyboard.press("Enter");
    const summary = page.getByRole("alert");
    await summary.waitFor();
    assert.ok(await summary.evaluate((element) => element === document.activeElement), "the focus");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "monday");
    assert.equal(await page.getByLabel("番号や宛先", { exact: true }).first().inputValue(), NUMBER);
    await write("月曜日", "10:00～15:00");
    await page.keyboard.press("Enter");
    await checked(page);
    await page.getByLabel("理由").focus();
    await page.keyboard.type("番号が変わったため");
    await page.keyboard.press("Enter");
    await page.getByText("公開しました").waitFor();
    await until(async () => (await contact()).includes(NUMBER), "the contact page");
    assert.ok((await contact()).includes("平日 10時～15時"));
  }));

for (const [language, colorScheme] of /** @type {const} */ ([["ja", "light"], ["en", "dark"]])) {
  test(`every form is accessible, ${language}, ${colorScheme}`, () =>
    onPage({ colorScheme }, async (page) => {
      const found = [];
      await signIn(page);
      for (const path of FORMS) {
        const url = new URL(path, SERVICE);
        url.searchParams.set("lang", language);
        await page.goto(url.href);
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        found.push(...(await violationsOn(page, path)));
      }
      // The same with mistakes: the browser's own check is left out.
      await page.goto(`${SERVICE}/staff/desk?id=jetro&lang=${language}`);
      await page.locator("#monday").fill("15-10");
      await page.locator("main form").first().evaluate((form) => form.requestSubmit());
      await page.getByRole("alert").waitFor();
      found.push(...(await violationsOn(page, "mistakes")));
      failOn(found);
    }));
}

test("the forms fit a phone", () =>
  onPage(PHONE, async (page) => {
    await signIn(page);
    for (const path of FORMS) {
      await page.goto(`${SERVICE}${path}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
  }));
