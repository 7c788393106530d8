// Suggestions while typing: a desk where no entry answers, and nothing for two letters that begin no question.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { SERVICE, desk, get } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { answered, openWidget } from "./support/widget.mjs";

const site = await openSite((url) => ({ "/": embedding(url) }));

/** @param {string} text */
async function suggest(text) {
  const found = await get(`${SERVICE}/api/v1/suggest?q=${encodeURIComponent(text)}`);
  return JSON.parse(found.body.toString("utf8"));
}

test("where a referral is known, the desk is the only suggestion and leads to it", () =>
  onPage({}, async (page) => {
    for (const text of ["領収書", "パスワードを忘れました"]) {
      // A conversation of its own, with the panel closed.
      await page.goto(site.url);
      await page.evaluate(() => sessionStorage.clear());
      const widget = await openWidget(page, site.url);
      await widget.input.fill(text);
      const option = widget.options.filter({ hasText: desk("selas").name.ja });
      await option.first().waitFor();
      assert.equal(await widget.options.count(), 1, await widget.list.innerText());
      const response = answered(page, "/api/v1/ask");
      await option.first().click();
      const answer = await response;
      assert.equal(answer.outcome, "escalated");
      assert.equal(answer.escalation.desk, "selas");
      await widget.log.getByText(desk("selas").name.ja).last().waitFor();
    }
  }));

test("two kana suggest only questions with a word that begins so", async () => {
  assert.deepEqual((await suggest("ぬぬ")).hits, []);
  for (const [text, words] of /** @type {[string, RegExp][]} */ ([["ゆう", /有料/], ["しょ", /商品|商談/], ["つう", /通訳/]])) {
    const { hits } = await suggest(text);
    for (const { question } of hits) assert.match(question, words, text);
  }
  assert.ok((await suggest("有料")).hits.length > 0);
});

test("one request is sent for a word that is typed quickly", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    let requests = 0;
    page.on("request", (request) => (requests += Number(request.url().includes("/api/v1/suggest"))));
    await widget.input.pressSequentially("しはらい", { delay: 60 });
    await widget.options.first().waitFor();
    await page.waitForTimeout(400);
    assert.ok(requests <= 2, `${requests} requests`);
  }));
