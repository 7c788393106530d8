// The page of an entry in a browser: the verdict, the button that copies the address, English titles.
import assert from "node:assert/strict";
import { test } from "node:test";

import { assertNoViolations } from "./support/axe.mjs";
import { PHONE, onPage } from "./support/browser.mjs";
import { SERVICE, entry } from "./support/service.mjs";
import { ask, widgetOn } from "./support/widget.mjs";

const ID = "selas-paid-membership";
const PATH = `${SERVICE}/entries/${ID}`;

const yes = (page) => page.locator("main").getByRole("button", { name: "解決した", exact: true });
const no = (page) => page.locator("main").getByRole("button", { name: "解決しなかった", exact: true });
const reply = (page) => page.locator("main").getByRole("status");

/** Collects the API requests of a page. */
function requestsOf(page) {
  const sent = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) sent.push({ pathname, body: request.postDataJSON() });
  });
  return sent;
}

test("a verdict is sent once, as a verdict on this entry", () =>
  onPage({}, async (page) => {
    const sent = requestsOf(page);
    await page.goto(PATH);
    assert.deepEqual(sent, [], "nothing is sent before the press");
    await yes(page).click();
    await reply(page).getByText("ありがとうございます").waitFor();
    assert.equal(await yes(page).getAttribute("aria-pressed"), "true");
    await no(page).click({ force: true });
    await yes(page).click({ force: true });
    assert.deepEqual(sent.map(({ pathname }) => pathname), ["/api/v1/ask", "/api/v1/feedback"]);
    assert.equal(sent[0].body.entry, ID);
    assert.equal(sent[1].body.helpful, true);
    assert.match(sent[1].body.answer_id, new RegExp(`:${ID}$`));
  }));

test("an answer that did not help leads to other questions or to the desk", () =>
  onPage({ ...PHONE }, async (page) => {
    await page.goto(`${PATH}?lang=ja`);
    await no(page).press("Enter");
    await reply(page).getByText("お役に立てず申し訳ありません").waitFor();
    await assertNoViolations(page, "after a verdict");
    const ways = await reply(page).getByRole("link").all();
    assert.ok(ways.length > 0);
    const last = ways[ways.length - 1];
    assert.equal(await last?.getAttribute("href"), "/desks/selas?lang=ja#contact");
    await last?.tap();
    await page.locator("#contact").getByText("SELAS 事務局").first().waitFor();
  }));

test("a verdict that fails says so and can be sent again", () =>
  onPage({ expected: /500/ }, async (page) => {
    await page.goto(PATH);
    await page.route("**/api/v1/feedback", (route) => route.fulfill({ status: 500, body: "" }));
    await yes(page).click();
    await reply(page).getByText("ただいまお答えできません").waitFor();
    await page.unroute("**/api/v1/feedback");
    await yes(page).click();
    await reply(page).getByText("ありがとうございます").waitFor();
  }));

test("without JavaScript, the page shows no button that does nothing", () =>
  onPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(PATH);
    assert.equal(await yes(page).isVisible(), false);
    assert.equal(await page.locator("[data-copy-link]").isVisible(), false);
    assert.equal(await page.getByText("このお答えで解決しましたか").isVisible(), false);
    assert.ok(await page.getByText("掲載データの保存日").isVisible());
  }));

test("the address of the page can be copied", () =>
  onPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(`${PATH}?utm_source=mail#content`);
    await page.getByRole("button", { name: "リンクをコピー" }).click();
    await page.getByRole("button", { name: "コピーしました" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), PATH);
  }));

test("lists in English have titles, and the answer stays in Japanese", () =>
  onPage({ locale: "en-US" }, async (page) => {
    const { question, titles } = await entry(ID);
    await page.goto(`${SERVICE}/desks/selas?lang=en`);
    assert.equal(await page.locator("main").getByText(question).count(), 0);
    await page.locator("main").getByRole("link", { name: titles.en }).first().click();
    await page.getByRole("heading", { level: 1, name: titles.en }).waitFor();
    await page.getByText("This answer is in Japanese only").waitFor();
    assert.ok(await page.getByText(question).first().isVisible());
    const widget = widgetOn(page, { language: "en" });
    await widget.launcher.click();
    await widget.log.getByRole("button", { name: titles.en }).waitFor();
    await widget.input.fill("会員");
    await widget.options.first().waitFor();
    for (const option of await widget.options.locator("span[lang]").allTextContents()) assert.match(option, /^[^\u3040-\u30ff]+$/);
    await widget.input.fill("");
    await ask(widget, "会員");
    const offered = widget.log.getByRole("button").filter({ hasText: /\?/ });
    await offered.last().click();
    // The bubble has the title that was pressed.
    await widget.log.getByText("(in Japanese)").last().waitFor();
  }));

test("a category lists its questions, and its search stays with the desk", () =>
  onPage({}, async (page) => {
    await page.goto(`${SERVICE}/`);
    await page.getByRole("link", { name: "マッチング商談について" }).first().click();
    await page.getByRole("heading", { level: 1, name: "マッチング商談について" }).waitFor();
    await assertNoViolations(page, "a category");
    const trail = page.getByRole("navigation", { name: "現在の位置" });
    assert.deepEqual(await trail.getByRole("listitem").allTextContents(), ["よくあるご質問", "SELAS（セラス）", "マッチング商談について"]);
    await page.locator('main input[name="q"]').fill("通訳");
    await page.locator('main input[name="q"]').press("Enter");
    await page.waitForURL(/\/search/);
    assert.equal(new URL(page.url()).searchParams.get("desk"), "selas");
    await page.getByRole("link", { name: "すべての窓口のご質問から検索する" }).click();
    await page.waitForURL((url) => !url.searchParams.has("desk"));
    assert.equal(new URL(page.url()).searchParams.get("q"), "通訳");
  }));
