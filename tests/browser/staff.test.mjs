// The staff desk: from a question without an answer to an answer, with the mouse and with the keyboard;
// accessibility of every page in both languages; an undo.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failOn, violationsOn } from "./support/axe.mjs";
import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { ask, checked, listed, signIn, until } from "./support/staff.mjs";

/** The entry that the questions belong to, and a text that finds it. */
const ENTRY = "selas-product-registration";
const FIND = "商品登録";

/** Questions that no entry answers, and in which nothing is masked. */
const BY_MOUSE = "ふわふわの棚卸し";
const BY_KEYS = "コロコロの仕込み";

/** The most clicks and keys of the whole story, without the letters of texts. */
const MAX_STEPS = 30;

const isAnswered = async (question) => (await ask(question)).entry?.id === ENTRY;

test("a question without an answer gets one, and losing it can be seen before", () =>
  onPage({}, async (page) => {
    assert.equal(await isAnswered(BY_MOUSE), false);
    await signIn(page);
    await listed(page, BY_MOUSE);
    let steps = 0;
    const click = async (locator) => {
      steps += 1;
      await locator.click();
    };
    await click(page.getByRole("link", { name: BY_MOUSE }));
    await page.getByText("答えは文書にないことを伝え").first().waitFor();
    await click(page.getByLabel("項目をさがす"));
    await page.keyboard.type(FIND);
    steps += 1;
    await page.keyboard.press("Enter");
    await click(page.locator(`input[type=radio][value="${ENTRY}"]`));
    await click(page.getByRole("button", { name: "この項目の言い換えに加える" }));
    await checked(page);
    const replay = page.locator(".replay");
    await replay.getByText("失われる答えはありません").waitFor();
    await replay.getByRole("heading", { name: "新しく答えられる：1" }).waitFor();
    await replay.getByText(BY_MOUSE).waitFor();
    assert.equal(await isAnswered(BY_MOUSE), false, "a draft changes nothing");
    await click(page.getByLabel("理由"));
    await page.keyboard.type("問い合わせがあったため");
    await click(page.getByRole("button", { name: "公開する" }));
    await page.getByText("公開しました").waitFor();
    assert.ok(steps < MAX_STEPS, `${steps} clicks and keys`);
    await until(() => isAnswered(BY_MOUSE), "the answer of the service");
  }));

test("the same with the keyboard alone, and an undo", () =>
  onPage({}, async (page) => {
    assert.equal(await isAnswered(BY_KEYS), false);
    await signIn(page);
    await listed(page, BY_KEYS);
    /** Presses Tab until an element has the focus. */
    const reach = async (matches, what) => {
      for (let presses = 0; presses < 80; presses += 1) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate(() => {
          const element = document.activeElement;
          return { text: element?.textContent ?? "", id: element?.id ?? "", value: element?.value ?? "" };
        });
        if (matches(focused)) return;
      }
      throw new Error(`Tab does not reach ${what}`);
    };
    await reach(({ text }) => text === BY_KEYS, "the question");
    await page.keyboard.press("Enter");
    await page.getByText("答えは文書にないことを伝え").first().waitFor();
    await reach(({ id }) => id === "find", "the search for an entry");
    await page.keyboard.type(ENTRY);
    await page.keyboard.press("Enter");
    await page.locator(`input[type=radio][value="${ENTRY}"]`).waitFor();
    // The first entry is chosen already.
    await reach(({ text }) => text === "この項目の言い換えに加える", "the button");
    await page.keyboard.press("Enter");
    await checked(page);
    await reach(({ id }) => id === "reason", "the reason");
    await page.keyboard.type("電話で聞かれたため");
    await page.keyboard.press("Enter");
    await page.getByText("公開しました").waitFor();
    await until(() => isAnswered(BY_KEYS), "the answer of the service");
    await reach(({ text }) => text === "取り消す", "the undo of the last change");
    await page.keyboard.press("Enter");
    await reach(({ id }) => id.startsWith("reason-"), "the reason of the undo");
    await page.keyboard.type("やはり別の話だったため");
    await page.keyboard.press("Enter");
    await page.getByText("取り消しました").waitFor();
    await until(async () => !(await isAnswered(BY_KEYS)), "the answer of before");
  }));

test("the preview follows the answer while it is written", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
    await page.getByLabel("答え", { exact: true }).fill("| 種類 | 値段 |\n|---|---|\n| 小 | 100円 |");
    await page.locator(".preview td", { hasText: "100円" }).waitFor();
  }));

for (const [language, colorScheme] of /** @type {const} */ ([["ja", "light"], ["en", "dark"]])) {
  test(`every page is accessible, ${language}, ${colorScheme}`, () =>
    onPage({ colorScheme }, async (page) => {
      const found = [];
      await page.goto(`${SERVICE}/staff/sign-in?lang=${language}`);
      found.push(...(await violationsOn(page, "sign-in")));
      await signIn(page);
      await page.goto(`${SERVICE}/staff/questions?q=${encodeURIComponent("ぱらぱらの件")}`);
      await page.locator(`form[method=post] button[value=variants]`).click();
      await page.locator("#reason").waitFor({ timeout: 60_000 });
      for (const path of [
        "/staff",
        `/staff/questions?q=${encodeURIComponent(BY_MOUSE)}`,
        "/staff/entries",
        `/staff/entry?id=${ENTRY}`,
        "/staff/new",
        "/staff/closed",
        `/staff/draft?ask=${encodeURIComponent("会費")}`,
        "/staff/history",
        "/staff/change?id=1",
        "/staff/activity",
      ]) {
        const url = new URL(path, SERVICE);
        url.searchParams.set("lang", language);
        await page.goto(url.href);
        assert.equal(await page.locator("html").getAttribute("lang"), language);
        found.push(...(await violationsOn(page, path)));
      }
      await page.goto(`${SERVICE}/staff/draft?lang=ja`);
      await page.getByText("下書きを捨てる").click();
      await page.getByRole("button", { name: "捨てる" }).click();
      await page.getByText("直したものはありません").waitFor();
      failOn(found);
    }));
}

test("the pages fit a phone", () =>
  onPage(PHONE, async (page) => {
    await signIn(page);
    for (const path of ["/staff", "/staff/entries", `/staff/entry?id=${ENTRY}`, "/staff/history", "/staff/change?id=1"]) {
      await page.goto(`${SERVICE}${path}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
  }));
