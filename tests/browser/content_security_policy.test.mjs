// The widget on a foreign page whose policy allows only the service's script and connections.
import assert from "node:assert/strict";
import { test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, assertDeskShown, reachTheDesk, widgetOn } from "./support/widget.mjs";

const STRICT = `default-src 'none'; script-src ${SERVICE}; connect-src ${SERVICE}; style-src 'none'`;

const site = await openSite({
  "/": { html: embedding(SERVICE), headers: { "content-security-policy": STRICT } },
  "/trusted-types": {
    html: embedding(SERVICE),
    headers: { "content-security-policy": `${STRICT}; require-trusted-types-for 'script'` },
  },
});

/** @param {import("playwright-core").Page} page */
async function fromQuestionToDesk(page) {
  const widget = widgetOn(page);
  await widget.launcher.click();
  await widget.panel.waitFor();
  await widget.input.fill("会費");
  await widget.options.first().waitFor();
  const answer = await ask(widget, "会費の支払方法を教えてください");
  assert.equal(answer.entry.id, "selas-payment-method");
  await ask(widget, "有料会員になると何ができますか");
  await reachTheDesk(widget, (button) => button.click());
  await assertDeskShown(widget, "selas");
  return widget;
}

test("the widget works and looks the same under a strict policy", () =>
  onPage({}, async (page) => {
    await page.goto(site.url);
    const widget = await fromQuestionToDesk(page);
    const box = await widget.launcher.boundingBox();
    assert.ok(box && box.x > 500 && box.y > 500, "the style sheet puts the launcher into the corner");
  }));

// Only reported, not required: `DOMParser` is a trusted types sink, so answers become plain text.
test("trusted types", async (context) => {
  let outcome = "the widget works";
  await onPage({ expected: /TrustedHTML|require-trusted-types-for/ }, async (page) => {
    await page.goto(`${site.url}/trusted-types`);
    await fromQuestionToDesk(page).catch((error) => (outcome = `does not work: ${error.message}`));
  });
  context.diagnostic(outcome);
});

test("the service's own pages have a policy without inline styles or scripts", () =>
  onPage({}, async (page) => {
    for (const path of ["/", "/entries/selas-payment-method", "/search?q=会費", "/contact"]) {
      const response = await page.goto(SERVICE + path);
      const policy = (await response?.headerValue("content-security-policy")) ?? "";
      assert.match(policy, /default-src 'none'|default-src 'self'/, path);
      assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/, path);
      // In the markup: the widget sets its colours by script, which the policy allows.
      const inline = await page.evaluate(() => document.querySelectorAll("[style]").length);
      assert.equal(inline, 0, path);
    }
  }));
