// The staff desk: files to take in and to take along, numbers, and their pages with axe.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { failOn, violationsOn } from "./support/axe.mjs";
import { onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { ask, checked, discard, signIn, until } from "./support/staff.mjs";

test("a table is imported after a look at it", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/import`);
    const table = "質問,回答,分類\nツツモンはいつですか,毎週です,催し\n";
    await page.locator("#file").setInputFiles({
      name: "催し.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(table),
    });
    await page.locator("#desk").selectOption("selas");
    await page.getByRole("button", { name: "何が変わるか見る" }).click();
    await page.getByRole("heading", { name: "新しい項目：1" }).waitFor();
    assert.ok(await page.locator(".import-result").evaluate((result) => result === document.activeElement));
    failOn(await violationsOn(page, "the look at a file"));
    // What was looked at is gone when the form changes.
    for (const change of ["check", "uncheck"]) {
      await page.locator("[name=prune]")[change]();
      assert.equal(await page.locator(".import-result").textContent(), "");
      await page.getByRole("button", { name: "何が変わるか見る" }).click();
      await page.getByRole("button", { name: "下書きに入れる" }).waitFor();
    }
    await page.getByRole("button", { name: "下書きに入れる" }).click();
    await checked(page);
    await page.locator("ins", { hasText: "ツツモン" }).first().waitFor();
    await discard(page);
    await page.goto(`${SERVICE}/staff/import`);
    const broken = { name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF\0\u{ff}") };
    await page.locator("#file").setInputFiles(broken);
    await page.getByRole("button", { name: "何が変わるか見る" }).click();
    await page.getByText("この形式のファイルは読めません").waitFor();
    const large = { name: "a.csv", mimeType: "text/csv", buffer: Buffer.alloc(5 * 1024 * 1024 + 1, "a") };
    await page.locator("#file").setInputFiles(large);
    await page.getByRole("button", { name: "何が変わるか見る" }).click();
    await page.getByText("ファイルが大きすぎます").waitFor();
  }));

test("the report and the entries are saved as files", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/report`);
    await page.getByRole("link", { name: "7日間" }).click();
    await page.locator("[aria-current=true]", { hasText: "7日間" }).waitFor();
    const save = async (link) => {
      const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const report = await save(page.getByRole("link", { name: "CSV で保存" }));
    assert.match(report.name, /^report-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
    assert.deepEqual([...report.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], "Excel reads UTF-8");
    await page.goto(`${SERVICE}/staff/export`);
    const workbook = await save(page.getByRole("link", { name: "Excel（.xlsx）" }));
    assert.match(workbook.name, /^faq-.*\.xlsx$/);
    assert.equal(workbook.bytes.subarray(0, 2).toString(), "PK");
  }));

test("the page of today renews its numbers without being loaded again", () =>
  onPage({}, async (page) => {
    const question = "ロボケロの仕込み";
    await page.clock.install();
    await signIn(page);
    await page.locator("[data-reload]").waitFor({ state: "detached" });
    await page.evaluate(() => Object.assign(globalThis, { isKept: true }));
    // A renewal replaces the whole region.
    const old = page.locator("#old");
    await page.locator("[data-live]").evaluate((region) => {
      region.append(Object.assign(document.createElement("p"), { id: "old" }));
    });
    await ask(question);
    const link = page.getByRole("link", { name: question });
    await until(async () => {
      await page.clock.fastForward(31_000);
      if ((await old.count()) > 0) return false;
      return (await link.count()) > 0 || (await page.getByText("すべて見る：").count()) > 0;
    }, "the question under Today");
    assert.equal(await page.evaluate(() => globalThis.isKept), true);
  }));

test("the days of the report are chosen with the keyboard alone", () =>
  onPage({}, async (page) => {
    await signIn(page);
    await page.goto(`${SERVICE}/staff/report`);
    const reach = async (id) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press("Tab");
        if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
      }
      throw new Error(`Tab does not reach #${id}`);
    };
    await reach("desk");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/desk=\w+/);
    await page.getByRole("heading", { level: 1, name: "集計" }).waitFor();
  }));

for (const [language, colorScheme] of /** @type {const} */ ([["ja", "dark"], ["en", "light"]])) {
  test(`the pages of files and numbers are accessible, ${language}, ${colorScheme}`, () =>
    onPage({ colorScheme }, async (page) => {
      await ask("ヌルピタの値段");
      await signIn(page);
      const found = [];
      for (const path of ["/staff/unanswered", "/staff/report", "/staff/report?from=x", "/staff/export", "/staff/import"]) {
        const url = new URL(path, SERVICE);
        url.searchParams.set("lang", language);
        await page.goto(url.href);
        found.push(...(await violationsOn(page, path)));
      }
      failOn(found);
    }));
}
