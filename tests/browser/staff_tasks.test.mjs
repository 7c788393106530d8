// The tasks of support staff at the staff desk, each as a member of the staff does it in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { ask, checked, fill, intoDraft, listed, publish, signIn, until } from "./support/staff.mjs";

/** Returns the first day of the next month, by the clock of the page. */
const nextMonth = (page) =>
  page.evaluate(() => {
    const now = new Date();
    const first = new Date(Date.UTC(now.getFullYear(), now.getMonth() + 1, 1));
    return first.toISOString().slice(0, 10);
  });

const RULES = { desk: "selas", category: "ぽこぽこについて", document: "ぽこぽこ案内", section: "1" };

test("a new entry with a table is published and shown", () =>
  onPage({}, async (page) => {
    const question = "ゾロリカの料金はいくらですか？";
    await signIn(page);
    await page.goto(`${SERVICE}/staff/new`);
    const answer = "次のとおりです。\n\n| 種類 | 料金 |\n|---|---|\n| 小 | 100円 |\n| 大 | 300円 |";
    await fill(page, { ...RULES, question, variants: "ゾロリカは何円\nゾロリカの値段", answer });
    await page.locator(".preview td", { hasText: "300円" }).first().waitFor();
    await intoDraft(page);
    await publish(page, "新しいサービスのため");
    await until(async () => (await ask("ゾロリカは何円")).entry?.question === question, "the answer");
    const { entry } = await ask("ゾロリカは何円");
    await page.goto(`${SERVICE}/entries/${entry.id}`);
    assert.equal(await page.locator(".answer td", { hasText: "300円" }).count(), 1);
  }));

test("a closed period at new year is published", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/closed`);
    await page.getByLabel("休みのはじめの日").first().fill("2031-12-29");
    await page.getByLabel("終わりの日").first().fill("2032-01-03");
    await intoDraft(page);
    await publish(page, "年末年始のため");
    await page.goto(`${SERVICE}/staff/closed`);
    await page.getByLabel("2031-12-29 – 2032-01-03").waitFor();
  }));

test("a price of next month is prepared, and answers only then", () =>
  onPage({}, async (page) => {
    const question = "ギャラモの棚卸し";
    await ask(question);
    await signIn(page);
    await listed(page, question);
    await page.goto(`${SERVICE}/staff/new`);
    const day = await nextMonth(page);
    await fill(page, { ...RULES, question, answer: "777円です。", valid_from: day });
    await intoDraft(page);
    await checked(page);
    await page.getByRole("heading", { name: "新しく答えられる：0" }).waitFor();
    await page.locator("#day").fill(day);
    await page.getByRole("button", { name: "比べる" }).click();
    await checked(page);
    await page.getByRole("heading", { name: "新しく答えられる：1" }).waitFor();
    await page.locator("#ask").fill(question);
    await page.getByRole("button", { name: "聞く" }).click();
    await page.locator(".asked", { hasText: "777円" }).waitFor();
    await publish(page, "来月の値段のため");
    assert.notEqual((await ask(question)).entry?.question, question, "not before next month");
  }));

test("a new entry is written in English, and undone", () =>
  onPage({ locale: "en-US" }, async (page) => {
    const question = "ガマニクはどこですか？";
    await signIn(page);
    await page.goto(`${SERVICE}/staff/new?lang=en`);
    await page.getByRole("link", { name: "Today" }).waitFor();
    await fill(page, { ...RULES, question, answer: "三階です。" });
    await intoDraft(page);
    await publish(page, "a question of members");
    await page.getByText("Undo", { exact: true }).first().click();
    await page.getByLabel("Reason").first().fill("a test");
    await page.getByRole("button", { name: "Restore the previous content" }).first().click();
    await page.getByText("Undone.").waitFor();
    await page.goto(`${SERVICE}/staff/draft`);
    await page.getByText("There are no changes.").waitFor();
  }));
