// Messages and recovery when the service is unreachable, slow, busy or faulty.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { get } from "./support/service.mjs";
import { embedding, json, openSite } from "./support/site.mjs";
import {
  answered,
  answerShown,
  assertDeskShown,
  assertIdle,
  beginning,
  openWidget,
  submit,
  type,
} from "./support/widget.mjs";

const QUESTION = "会費の支払方法を教えてください";

/** Messages of the browser about failed requests. */
const EXPECTED = /Failed to load resource|net::ERR_|CORS policy/;

const pages = (url) => ({ "/": embedding(url) });

/**
 * Asks while the site fails, checks the message and the desk, and retries after its recovery.
 * @param {import("./support/site.mjs").Site} site
 * @param {string} key the sentence that must appear
 * @param {{recover?: () => unknown, timeout?: number}} [options]
 */
async function failAndRecover(site, key, { recover = () => (site.rule = null), timeout = 10_000 } = {}) {
  await onWidget(site, async (widget, page) => {
    await submit(widget, QUESTION);
    await widget.log.getByText(beginning("ja", key)).first().waitFor({ timeout });
    await assertIdle(widget);
    await assertDeskShown(widget, "selas");
    const retry = widget.button("retry").last();
    await retry.waitFor();
    await recover();
    await enabled(retry);
    const response = answered(page, "/api/v1/ask");
    await retry.click();
    const answer = await response;
    assert.equal(answer.entry?.id, "selas-payment-method");
    await answerShown(widget, answer);
    const bubbles = await widget.log.getByText(QUESTION, { exact: true }).count();
    assert.equal(bubbles, 1, "the question is not repeated");
  });
}

/** @param {import("playwright-core").Page} page @param {import("./support/site.mjs").Site} site */
async function open(page, site) {
  const { rule } = site;
  site.rule = null;
  const widget = await openWidget(page, site.url);
  site.rule = rule;
  return widget;
}

/**
 * Runs the steps of a test on an open widget, whose requests may fail.
 * @param {import("./support/site.mjs").Site} site
 * @param {(widget: import("./support/widget.mjs").Widget, page: import("playwright-core").Page) => Promise<void>} steps
 */
const onWidget = (site, steps) => onPage({ expected: EXPECTED }, async (page) => steps(await open(page, site), page));

/** @param {import("playwright-core").Locator} button */
async function enabled(button) {
  await button.evaluate(async (button) => {
    const isOff = () => button.matches(":disabled, [aria-disabled=true]");
    while (isOff()) await new Promise((resolve) => setTimeout(resolve, 20));
  });
}

describe("the service", { concurrency: 4 }, () => {
  test("refuses connections", async () => {
    const site = await openSite(pages);
    await onWidget(site, async (widget, page) => {
      await site.stop();
      await submit(widget, QUESTION);
      await widget.log.getByText(beginning("ja", "failed_unreachable")).first().waitFor();
      await assertIdle(widget);
      await assertDeskShown(widget, "selas");
      await site.start();
      const response = answered(page, "/api/v1/ask");
      await widget.button("retry").last().click();
      await answerShown(widget, await response);
    });
  });

  test("drops connections", async () => {
    const site = await openSite(pages);
    site.rule = (request) => request.destroy();
    await failAndRecover(site, "failed_unreachable");
  });

  test("drops the connection within a response", async () => {
    const site = await openSite(pages);
    site.rule = (request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
      response.write('{"outcome":"answered",');
      setTimeout(() => response.destroy(), 50);
    };
    await onWidget(site, async (widget) => {
      await submit(widget, QUESTION);
      await widget.button("retry").last().waitFor();
      await assertIdle(widget);
    });
  });

  test("is retried when the network returns", async () => {
    const site = await openSite(pages);
    await onWidget(site, async (widget, page) => {
      await page.context().setOffline(true);
      await submit(widget, QUESTION);
      await widget.log.getByText(beginning("ja", "failed_unreachable")).first().waitFor();
      const response = answered(page, "/api/v1/ask");
      await page.context().setOffline(false);
      await answerShown(widget, await response);
    });
  });

  test("answers after ten seconds", async () => {
    const site = await openSite(pages);
    await onWidget(site, async (widget, page) => {
      // The service answers after ten seconds.
      await page.route("**/api/v1/ask", async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        await route.continue();
      });
      await widget.input.fill(QUESTION);
      const response = page.waitForResponse((response) => response.url().endsWith("/ask"), { timeout: 20_000 });
      await widget.input.press("Enter");
      await widget.log.getByText(widget.text("searching")).first().waitFor();
      await widget.log.getByText(beginning("ja", "failed_slow")).first().waitFor({ timeout: 6_000 });
      await answerShown(widget, await (await response).json());
      assert.equal(await widget.log.getByText(beginning("ja", "failed_slow")).filter({ visible: true }).count(), 0);
    });
  });

  test("never answers", async () => {
    const site = await openSite(pages);
    site.rule = () => true;
    await failAndRecover(site, "failed_timeout", { timeout: 20_000 });
  });

  test("refuses requests over the rate limit", async () => {
    const site = await openSite(pages);
    site.rule = (request, response) =>
      json(response, { type: "about:blank", title: "Too Many Requests", status: 429 }, 429, { "retry-after": "2" });
    await onWidget(site, async (widget, page) => {
      await submit(widget, QUESTION);
      await widget.inLog("failed_busy", { seconds: 2 }).first().waitFor();
      await assertIdle(widget);
      await assertDeskShown(widget, "selas");
      const retry = widget.button("retry").last();
      await retry.click({ force: true }).catch(() => {});
      const asked = site.forwarded.filter((line) => line === "POST /api/v1/ask");
      assert.equal(asked.length, 1, "no retry within the two seconds");
      site.rule = null;
      await enabled(retry);
      const response = answered(page, "/api/v1/ask");
      await retry.click();
      await answerShown(widget, await response);
    });
  });

  test("responds with status 500", async () => {
    const site = await openSite(pages);
    site.rule = (request, response) => json(response, { type: "about:blank", title: "x", status: 500 }, 500);
    await failAndRecover(site, "failed_server");
  });

  test("answers with HTML", async () => {
    const site = await openSite(pages);
    site.rule = (request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>");
    };
    await failAndRecover(site, "failed_server");
  });

  for (const [name, body] of Object.entries({ null: null, "an empty object": {}, "a list": [], "another shape": { outcome: "answered", entry: 1 } })) {
    test(`answers with ${name}`, async () => {
      const site = await openSite(pages);
      site.rule = (request, response) => json(response, body);
      await failAndRecover(site, "failed_server");
    });
  }
});

test("a late response to an earlier text never replaces newer suggestions", async () => {
  const site = await openSite(pages);
  await onWidget(site, async (widget, page) => {
    const hit = (question) => ({
      query: question,
      total: 1,
      hits: [{ id: "x", desk: "selas", category: "c", question, question_html: question, snippet_html: "", score: 1 }],
    });
    site.rule = (request, response) => {
      let form = "";
      request.on("data", (part) => (form += part));
      request.on("end", () => {
        const query = new URLSearchParams(form).get("q");
        setTimeout(() => json(response, hit(`to ${query}`)), query === "a" ? 600 : 50);
      });
    };
    await page.keyboard.type("a");
    await page.waitForTimeout(200);
    await page.keyboard.type("b");
    await widget.options.filter({ hasText: "to ab" }).waitFor();
    await page.waitForTimeout(700);
    assert.equal(await widget.options.count(), 1);
    assert.ok(await widget.options.filter({ hasText: "to ab" }).isVisible());
  });
});

test("failed suggestions show no error", async () => {
  const site = await openSite(pages);
  site.rule = (request, response) =>
    request.url?.includes("/suggest") ? json(response, { status: 500 }, 500) : false;
  await onWidget(site, async (widget, page) => {
    await page.keyboard.type("会費の支払方法");
    await page.waitForTimeout(400);
    assert.equal(await widget.options.count(), 0);
    assert.equal(await widget.button("retry").count(), 0);
    await page.keyboard.press("ArrowDown");
    const none = widget.host.getByText(widget.text("hits_none")).filter({ visible: true });
    assert.equal(await none.count(), 0, "no claim about hits without a response");
    const response = answered(page, "/api/v1/ask");
    await page.keyboard.press("Enter");
    await answerShown(widget, await response);
  });
});

test("a second question while the first is pending leaves no waiting indicator", async () => {
  const site = await openSite(pages);
  let first = true;
  site.rule = (request) => {
    if (!request.url?.endsWith("/ask") || !first) return false;
    first = false;
    return true;
  };
  await onWidget(site, async (widget, page) => {
    await submit(widget, "最初の質問");
    await widget.log.getByText(widget.text("searching")).first().waitFor();
    await widget.input.fill(QUESTION);
    const response = answered(page, "/api/v1/ask");
    await widget.input.press("Enter");
    await answerShown(widget, await response);
    await assertIdle(widget);
  });
});

test("suggestions of an earlier text are not offered for a later one", async () => {
  const site = await openSite(pages);
  await onWidget(site, async (widget, page) => {
    await type(widget, "会費");
    const [old] = await widget.options.allTextContents();
    site.rule = (request) => request.url?.includes("/suggest") && request.destroy() && true;
    await page.keyboard.type("を払いたくない");
    await page.waitForTimeout(300);
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(300);
    assert.equal(await widget.options.filter({ hasText: old, visible: true }).count(), 0);
  });
});

test("a foreign page can read the retry delay", async () => {
  const { headers } = await get("/api/v1/suggest?q=a", { origin: "https://example.jp" });
  assert.match(headers["access-control-expose-headers"] ?? "", /retry-after|\*/i);
});

test("a question cannot be too long", async () => {
  const site = await openSite(pages);
  await onPage({}, async (page) => {
    const widget = await open(page, site);
    await widget.input.evaluate((/** @type {HTMLInputElement} */ input) => input.focus());
    await page.keyboard.insertText("会".repeat(600));
    const { length } = await widget.input.inputValue();
    const warned = await widget.host.getByText(beginning("ja", "too_long")).count();
    assert.ok(length <= 500 || warned > 0, `${length} characters without a warning`);
  });
});
