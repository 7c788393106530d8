// The draft to a desk holds the member's own questions and can be edited; a desk stands beside other
// questions after the first answer that did not help.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { desk, entry } from "./support/service.mjs";
import { embedding, json, openSite } from "./support/site.mjs";
import { answerShown, answered, ask, assertDeskShown, openWidget, reachTheDesk } from "./support/widget.mjs";

const QUESTION = "月の途中でやめたら会費は戻りますか";

const site = await openSite((url) => ({ "/": embedding(url), "/all": embedding(url, { widgets: [""] }) }));

/** Unfolds the drafts. @param {import("./support/widget.mjs").Widget} widget */
const unfold = (widget) => widget.log.locator("details").evaluateAll((all) => all.forEach((it) => (it.open = true)));

/** @param {import("./support/widget.mjs").Widget} widget */
const draftOf = (widget) => widget.log.getByRole("textbox", { name: widget.text("draft") }).last();

test("after answers that did not help, the draft holds the member's question", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    await ask(widget, "こんにちは");
    await ask(widget, QUESTION);
    const { draft } = await reachTheDesk(widget, (button) => button.click());
    assert.ok(draft.body.includes(widget.text("draft_blank")), "the service does not know the question");
    assert.equal(await widget.log.locator("details[open]").count(), 1, "the only draft is unfolded");
    const text = await draftOf(widget).inputValue();
    assert.ok(text.includes(QUESTION), text);
    assert.ok(!text.includes(widget.text("draft_blank")), text);
    assert.ok(!text.includes("こんにちは"), text);
  }));

test("the draft is edited before it is copied, and survives a reload", () =>
  onPage({}, async (page, faults) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const widget = await openWidget(page, site.url);
    await ask(widget, QUESTION);
    await ask(widget, "担当者と話したい");
    const draft = draftOf(widget);
    assert.ok((await draft.inputValue()).includes(QUESTION));
    await draft.fill("会費について\n2行目");
    await widget.button("draft_copy").last().click();
    await widget.button("draft_copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.replace(/\r/g, ""), "会費について\n2行目");
    await page.reload();
    await widget.panel.waitFor();
    assert.equal(await draftOf(widget).inputValue(), "会費について\n2行目");
    assert.deepEqual(faults, []);
  }));

test("a mail program gets the edited draft", () =>
  onPage({}, async (page) => {
    site.rule = (request, response) => {
      if (!request.url?.startsWith("/api/v1/ask") || request.method !== "POST") return false;
      const point = { desk: "selas", kind: "email", label: "メール", value: "info@a.example", url: "mailto:info@a.example", hours: null };
      json(response, {
        outcome: "escalated", answer_id: "", conversation: "", confidence: 1, message: "窓口へ", entry: null, suggestions: [],
        escalation: { desk: "selas", reason: "not_found", contact_points: [point], desk_drafts: [{ desk: "selas", subject: "件名", body: "本文" }] },
      });
      return true;
    };
    try {
      const widget = await openWidget(page, site.url);
      await ask(widget, "質問");
      await draftOf(widget).fill("A & B\n+1");
      const mail = widget.log.getByRole("link", { name: widget.text("draft_mail") });
      assert.equal(
        await mail.getAttribute("href"),
        `mailto:info@a.example?subject=${encodeURIComponent("件名")}&body=A%20%26%20B%0D%0A%2B1`,
      );
    } finally {
      site.rule = null;
    }
  }));

test("after the first answer that did not help, the desk and only new questions are offered", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    for (const question of [QUESTION, "有料会員をやめたい", "商品登録に必要な情報は何ですか"]) {
      const answer = await ask(widget, question);
      const { related } = await entry(answer.entry.id);
      const feedback = answered(page, "/api/v1/feedback");
      await widget.button("helpful_no").last().click();
      const next = await feedback;
      await answerShown(widget, next);
      const shown = [answer.entry.id, ...related.map(({ id }) => id)];
      const again = next.suggestions.filter(({ id }) => shown.includes(id));
      assert.deepEqual(again, [], question);
      assert.equal(next.escalation?.desk, "selas", question);
      await assertDeskShown(widget, "selas");
      await widget.button("start_over").first().click();
    }
  }));

test("a draft lists only questions that have no answer", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    await ask(widget, "有料会員をやめたい");
    await widget.button("helpful_yes").last().click();
    await ask(widget, "領収書がほしい");
    await ask(widget, "商品登録に必要な情報は何ですか");
    // A choice answers the question before it.
    assert.equal((await ask(widget, "会員")).outcome, "suggested");
    const response = answered(page, "/api/v1/ask");
    await widget.log.locator(".choices .choice").nth(-2).click();
    assert.equal((await response).outcome, "answered");
    await ask(widget, "担当者と話したい");
    const text = await draftOf(widget).inputValue();
    assert.ok(text.includes("領収書がほしい"), text);
    for (const other of ["有料会員をやめたい", "商品登録に必要な情報は何ですか", "\n会員\n"]) assert.ok(!text.includes(other), text);
  }));

test("a draft lists several questions, each on a line of its own", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    const questions = ["領収書がほしい", "パスワードを忘れました"];
    for (const question of questions) await ask(widget, question);
    await ask(widget, "担当者と話したい");
    const text = await draftOf(widget).inputValue();
    assert.ok(text.includes(`\n- ${questions.join("\n- ")}\n`), text);
  }));

test("with several desks, each has a draft of its own, folded", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/all`);
    const { escalation } = await ask(widget, "zzzz");
    assert.ok(escalation.desk_drafts.length > 1);
    assert.equal(await widget.log.locator("details[open]").count(), 0);
    await unfold(widget);
    const texts = await widget.log.getByRole("textbox").evaluateAll((all) => all.map((it) => it.value));
    const names = escalation.desk_drafts.map(({ desk: id }) => desk(id).name.ja);
    texts.forEach((text, at) => assert.deepEqual(names.filter((name) => text.includes(name)), [names[at]]));
    assert.equal(texts.length, names.length);
  }));

test("the desks are shown with open or closed, and a draft with the question", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/all`);
    await ask(widget, QUESTION);
    await widget.button("show_contact").click();
    const badge = widget.log.locator(".badge");
    await badge.first().waitFor();
    const states = [widget.text("open_now"), widget.text("closed_now")];
    assert.ok(states.includes(await badge.first().innerText()));
    await unfold(widget);
    const text = await draftOf(widget).inputValue();
    assert.ok(text.includes(QUESTION), text);
  }));
