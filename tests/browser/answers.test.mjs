// Every part of an answer in the widget: several requests, the way out of a list, help lines.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { answerShown, answered, ask, openWidget, sentQuestion } from "./support/widget.mjs";

const SEVERAL = "SELASの会費ってどう払うん？あと、うちの営業にもアカウント足したいんやけど";

const site = await openSite((url) => ({ "/": embedding(url) }));

test("each request of a message has its answer under its own heading, in order", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    const answer = await ask(widget, SEVERAL);
    assert.ok(answer.also.length >= 1, "the message has several requests");
    const parts = [answer, ...answer.also];
    const messages = widget.log.locator(".message.assistant").filter({ hasText: answer.message });
    await messages.first().waitFor();
    const text = await widget.log.innerText();
    let from = text.indexOf(SEVERAL) + SEVERAL.length;
    for (const part of parts) {
      for (const words of [widget.text("asked", { asked: part.asked }), part.message]) {
        const at = text.indexOf(words, from);
        assert.ok(at >= from, `\`${words}\` is not in order in\n${text}`);
        from = at;
      }
    }
    // Every answered part can be rated by itself.
    const rated = parts.filter((part) => part.entry);
    assert.equal(await widget.button("helpful_yes").count(), rated.length);
    const feedback = page.waitForRequest((request) => request.url().endsWith("/api/v1/feedback"));
    await widget.button("helpful_yes").last().click();
    assert.equal((await feedback).postDataJSON().answer_id, rated.at(-1).answer_id);
  }));

test("none of the suggestions leads to the desk, with the question in the draft", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    const offered = await ask(widget, "会員");
    assert.equal(offered.outcome, "suggested");
    const [sent, response] = [sentQuestion(page), answered(page, "/api/v1/ask")];
    await widget.button("none_of_these").click();
    const body = await sent;
    assert.equal(body.question, "会員");
    assert.equal(body.none_of_these, true);
    const answer = await response;
    assert.equal(answer.outcome, "escalated");
    await answerShown(widget, answer);
    const draft = widget.log.getByRole("textbox", { name: widget.text("draft") });
    assert.match(await draft.inputValue(), /会員/);
    // The choice is part of the conversation, also after a reload.
    await page.reload();
    await widget.panel.waitFor();
    await widget.log.getByText(widget.text("none_of_these")).first().waitFor();
  }));

test("a message about a danger to a life shows help lines to call and nothing else", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    const answer = await ask(widget, "子育てがつらくて死にたい");
    for (const [name, href] of [
      ["0120-279-338", "tel:0120-279-338"],
      ["119", "tel:119"],
      ["https://www.mhlw.go.jp/mamorouyokokoro/", "https://www.mhlw.go.jp/mamorouyokokoro/"],
    ]) {
      const link = widget.log.getByRole("link", { name: new RegExp(`^${name}`) });
      assert.equal(await link.getAttribute("href"), href);
    }
    const last = widget.log.locator(".message.assistant").last();
    assert.equal(await last.getByRole("button").count(), 0);
    assert.ok((await last.innerText()).includes(answer.message.split("\n").at(-1)));
  }));
