// Questions with markup are shown as text; forged answers add only text and links.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { embedding, json, openSite } from "./support/site.mjs";
import { ask, assertIdle, openWidget, widgetOn } from "./support/widget.mjs";

const QUESTIONS = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(1)</script>",
  '"><svg onload=alert(1)>',
  "' onfocus=alert(1) autofocus='",
  "<iframe src=javascript:alert(1)></iframe>",
  "\u202Eabc 会費",
  "{{constructor.constructor('alert(1)')()}}",
  "&lt;b&gt;会費&lt;/b&gt; &amp;amp;",
];

// The pages leave them out: they would turn the text around them.
const DIRECTION_MARKS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

const FORGED = [
  '<p onclick="alert(1)" style="position:fixed;inset:0">forged text</p>',
  "<script>alert(1)</script>",
  '<img src="/missing.png" onerror="alert(1)">',
  '<svg onload="alert(1)"><a href="javascript:alert(1)"><text>svg</text></a></svg>',
  '<a href="javascript:alert(1)">script link</a>',
  '<a href=" java\tscript:alert(1)">tab link</a>',
  '<a href="data:text/html,<script>alert(1)</script>">data link</a>',
  '<a href="https://example.jp/" target="_self" onclick="alert(1)" ping="/ping">good link</a>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<form action="/steal"><input name="password"><button formaction="javascript:alert(1)">go</button></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<style>*{display:none}</style><link rel="stylesheet" href="/x.css"><base href="https://example.jp/">',
  '<object data="/x"></object><embed src="/x"><video src="/x" onerror="alert(1)"></video>',
  '<template><script>alert(1)</script></template><noscript><img src=x onerror=alert(1)></noscript>',
  '<details open ontoggle="alert(1)"><summary>summary</summary></details>',
  '<div id="location" class="panel" role="dialog" tabindex="1" slot="x" part="y">division</div>',
].join("\n");

const HOSTILE_URL = "javascript:alert(1)";

/** Responds as a compromised service would. */
function forge(request, response) {
  const path = (request.url ?? "").split("?")[0];
  const hit = { id: "x", desk: "selas", category: FORGED, question: FORGED, question_html: FORGED, snippet_html: FORGED, score: 1 };
  if (request.method === "OPTIONS") return json(response, {});
  if (path === "/api/v1/suggest") return json(response, { query: "x", total: 1, hits: [hit] });
  return json(response, {
    outcome: path.endsWith("feedback") ? "escalated" : "answered",
    answer_id: "answer",
    conversation: "conversation",
    confidence: 1,
    message: FORGED,
    entry: path.endsWith("feedback")
      ? null
      : {
          id: '"><img src=x onerror=alert(1)>',
          desk: "selas",
          category: FORGED,
          question: FORGED,
          answer: { markdown: FORGED, html: FORGED, text: "forged text" },
          links: [{ label: FORGED, url: HOSTILE_URL }],
          source: { document: FORGED, section: FORGED },
          related: [{ id: "x", question: FORGED }],
        },
    suggestions: [{ id: "x", desk: "selas", question: FORGED, score: 1 }],
    escalation: {
      desk: "selas",
      reason: "not_found",
      contact_points: ["form", "email", "telephone", "address"].map((kind) => ({
        id: "x",
        desk: "selas",
        kind,
        label: FORGED,
        value: FORGED,
        url: HOSTILE_URL,
        hours: { text: FORGED, open: true, opens_at: null, closes_at: null, status: FORGED },
      })),
      desk_drafts: [{ desk: "selas", subject: FORGED, body: FORGED }],
    },
  });
}

const site = await openSite((url) => ({ "/": embedding(url) }));
const forged = await openSite((url) => ({ "/": embedding(url) }));
forged.rule = forge;

/** Lists elements and attributes that only hostile content contains. */
function intruders(host) {
  const root = /** @type {ShadowRoot} */ (host.shadowRoot);
  const found = [];
  // The widget itself sets colours and sentences on its outermost element, as custom properties.
  const isOwnStyle = (element) =>
    element.parentNode === root && [...element.style].every((property) => property.startsWith("--"));
  for (const element of root.querySelectorAll("*")) {
    const name = element.localName;
    if (/^(script|img|iframe|object|embed|video|style|link|base|math|template|noscript|details|mglyph)$/.test(name) && !element.matches("details.card")) {
      found.push(`<${name}>`);
    }
    for (const { name: attribute, value } of element.attributes) {
      const isUrl = /^(href|src|action|formaction|data|ping|srcdoc|xlink:href)$/.test(attribute);
      if (attribute === "style" && isOwnStyle(element)) continue;
      if (/^on|^style$|^srcdoc$|^ping$|^formaction$/.test(attribute)) found.push(`<${name} ${attribute}>`);
      if (isUrl && !/^(https?:|mailto:|tel:|\/|#)/.test(value)) found.push(`<${name} ${attribute}="${value}">`);
    }
    if (name === "a" && /** @type {HTMLAnchorElement} */ (element).protocol === "javascript:") found.push("javascript:");
  }
  for (const id of ["location"]) if (root.getElementById(id)) found.push(`#${id}`);
  return found;
}

test("the widget shows questions as text", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    for (const question of QUESTIONS) {
      await ask(widget, question);
      const shown = await widget.log.evaluate((log, text) => log.textContent?.includes(text), question);
      assert.ok(shown, `the question is shown as it was written: ${question}`);
      assert.deepEqual(await widget.host.evaluate(intruders), [], question);
    }
    await page.reload();
    assert.ok(await widget.log.evaluate((log, text) => log.textContent?.includes(text), QUESTIONS[0]), "restored");
    assert.deepEqual(await widget.host.evaluate(intruders), [], "restored");
    const marked = await widget.log.evaluate((log) => {
      const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.textContent?.startsWith("\u202E")) {
          return getComputedStyle(/** @type {Element} */ (node.parentElement)).unicodeBidi;
        }
      }
      return "not found";
    });
    assert.match(marked, /isolate|plaintext/, "the direction mark affects only the question");
  }));

test("the search page shows questions as text", () =>
  onPage({}, async (page) => {
    for (const question of QUESTIONS) {
      const response = await page.goto(`${SERVICE}/search?q=${encodeURIComponent(question)}`);
      assert.equal(response?.status(), 200, question);
      const shown = question.replace(DIRECTION_MARKS, "");
      assert.equal(await page.locator('form input[name="q"]').first().inputValue(), shown);
      const strange = await page
        .locator("main :is(img, script, iframe, svg[onload], b, [onerror], [onload], [onfocus], [autofocus])")
        .evaluateAll((elements) => elements.map((element) => element.outerHTML));
      assert.deepEqual(strange, [], question);
    }
  }));

test("forged answers add no script, style or frame", () =>
  onPage({}, async (page) => {
    await page.goto(forged.url);
    const before = forged.forwarded.length;
    const widget = widgetOn(page);
    await widget.launcher.click();
    await widget.input.fill("会費");
    await widget.options.first().waitFor();
    assert.deepEqual(await widget.host.evaluate(intruders), [], "suggestions");
    await widget.input.press("Enter");
    await widget.log.getByText("forged text").first().waitFor();
    await assertIdle(widget);
    assert.deepEqual(await widget.host.evaluate(intruders), [], "answer");
    const links = widget.log.getByRole("link");
    assert.equal(await links.filter({ hasText: /script link|tab link|data link/ }).count(), 0);
    const good = links.filter({ hasText: "good link" }).first();
    assert.equal(await good.getAttribute("href"), "https://example.jp/");
    assert.equal(await good.getAttribute("target"), "_blank");
    assert.match((await good.getAttribute("rel")) ?? "", /noopener/);
    const pageLink = await widget.log
      .getByRole("link", { name: widget.text("entry_page") })
      .last()
      .evaluate((link) => /** @type {HTMLAnchorElement} */ (link).href);
    assert.ok(pageLink.startsWith(`${forged.url}/entries/`), pageLink);
    assert.doesNotMatch(pageLink, /[<>"]/);
    await widget.button("helpful_no").last().click();
    await widget.button("draft_copy").last().waitFor();
    assert.deepEqual(await widget.host.evaluate(intruders), [], "desk");
    await page.reload();
    await widget.log.getByText("forged text").first().waitFor();
    assert.deepEqual(await widget.host.evaluate(intruders), [], "restored");
    const odd = forged.forwarded.slice(before).filter((line) => !/ \/(api\/v1\/|widget\.js|assets\/)/.test(line));
    assert.deepEqual(odd, [], "no picture, style or frame is requested");
  }));

test("an invalid transcript is discarded", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, site.url);
    await ask(widget, "会費の支払方法を教えてください");
    const keys = await page.evaluate(() => Object.keys(sessionStorage));
    assert.notDeepEqual(keys, [], "the transcript is kept in the tab");
    // An older version may have stored answers of another shape.
    const odd = await page.evaluate((keys) => {
      const [kept] = keys.map((key) => JSON.parse(sessionStorage.getItem(key) ?? "null")).filter((kept) => kept?.exchanges);
      return ["suggestions", "related", "entry", "escalation", "question"].map((part) => {
        const copy = structuredClone(kept);
        const [exchange] = copy?.exchanges ?? [{}];
        if (part === "suggestions") exchange.answer.suggestions = [null];
        else if (part === "related") exchange.answer.entry.related = [null];
        else if (part === "entry") exchange.answer.entry = { answer: { html: "<p>x</p>" }, related: [] };
        else if (part === "escalation") exchange.answer.escalation = { contact_points: [null], desk_drafts: [{}] };
        else exchange.question = { length: 1 };
        return JSON.stringify(copy);
      });
    }, keys);
    for (const written of [...odd, "{", "null", "[]", "[1]", '{"messages":[{"html":"<img src=x onerror=alert(1)>"}]}']) {
      await page.evaluate(
        ([keys, written]) => keys.forEach((key) => sessionStorage.setItem(key, written)),
        /** @type {const} */ ([keys, written]),
      );
      await page.reload();
      await widget.launcher.waitFor({ timeout: 3_000 }).catch(() => assert.fail(`no widget after ${written}`));
      if (!(await widget.panel.isVisible())) await widget.launcher.click();
      await ask(widget, "解約したい");
      assert.deepEqual(await widget.host.evaluate(intruders), [], written);
    }
  }));
