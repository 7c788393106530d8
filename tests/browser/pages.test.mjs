// The pages of the help centre: valid HTML, links, metadata, printing, without JavaScript.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { HtmlValidate } from "html-validate";

import { openPage, onPage } from "./support/browser.mjs";
import { CONFIG, SERVICE, entry, get } from "./support/service.mjs";
import { widgetOn } from "./support/widget.mjs";

const LANGUAGES = /** @type {const} */ (["ja", "en"]);
const NO_SCRIPT = { javaScriptEnabled: false };

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard", "html-validate:document", "html-validate:a11y"],
  rules: {
    // All files come from the service itself, so a hash would add no protection.
    "require-sri": "off",
  },
});

/** @type {Map<string, {status: number, type: string, html: string}>} all linked pages */
const crawled = new Map();

/** @type {Map<string, string>} the page where a link was first found */
const foundOn = new Map();

function linksIn(html, base) {
  return [...html.matchAll(/<(?:a|link|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g)]
    .map(([, url]) => new URL(url.replaceAll("&amp;", "&"), base))
    .filter((url) => url.origin === SERVICE);
}

before(async () => {
  const waiting = ["/", "/?lang=en", "/demo", "/contact", "/search?q=会費", "/search?q=zzzz", "/search?q="].map((path) => new URL(path, SERVICE));
  while (waiting.length > 0) {
    const url = /** @type {URL} */ (waiting.pop());
    url.hash = "";
    if (crawled.has(url.href) || crawled.size > 400) continue;
    const { status, headers, body } = await get(url.href);
    const type = String(headers["content-type"] ?? "");
    const html = type.startsWith("text/html") ? body.toString("utf8") : "";
    crawled.set(url.href, { status, type, html });
    if (url.pathname.startsWith("/docs")) continue;
    for (const link of linksIn(html, url)) {
      if (!foundOn.has(link.href)) foundOn.set(link.href, url.href);
      waiting.push(link);
    }
  }
});

/** Lists the help centre's pages, without the API documentation, which a library renders. */
function pages() {
  return [...crawled].filter(([url, page]) => page.html && !new URL(url).pathname.startsWith("/docs"));
}

test("every internal link resolves", () => {
  const dead = [...crawled].filter(([, page]) => page.status !== 200);
  const lines = dead.map(([url, page]) => `${page.status} ${decodeURI(url)} (on ${foundOn.get(url)})`);
  assert.deepEqual(lines, []);
  assert.ok(pages().length > 30, `only ${pages().length} pages were found`);
});

test("every fragment exists on its page", () => {
  const missing = [];
  for (const [url, page] of pages()) {
    for (const link of linksIn(page.html, url)) {
      const target = crawled.get(link.href.replace(/#.*$/, ""));
      const id = decodeURIComponent(link.hash.slice(1));
      if (id && target && !target.html.includes(`id="${id}"`)) missing.push(`${link.href} on ${url}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("every page is valid HTML", async () => {
  const lines = [];
  for (const [url, page] of pages()) {
    const report = await validator.validateString(page.html, url);
    for (const message of report.results.flatMap((result) => result.messages)) {
      lines.push(`${decodeURI(url)}:${message.line}:${message.column} ${message.ruleId}: ${message.message}`);
    }
  }
  assert.deepEqual(lines.slice(0, 40), [], `${lines.length} in all`);
});

test("every page has the required metadata", () => {
  const wrong = [];
  const titles = new Map();
  for (const [url, { html }] of pages()) {
    const one = (pattern) => [...html.matchAll(pattern)].map(([, value]) => value);
    const check = (holds, what) => holds || wrong.push(`${decodeURI(url)}: ${what}`);
    const [title = ""] = one(/<title>([^<]+)<\/title>/g);
    check(title, "no title");
    check(one(/<html[^>]* lang="(ja|en)"/g).length === 1, "no language");
    check(one(/<h1[\s>]()/g).length === 1, "not one h1");
    check(one(/<meta name="viewport" content="([^"]+)"/g).length === 1, "no viewport");
    check(/<meta name="description" content="[^"]+"/.test(html), "no description");
    for (const address of one(/<(?:link rel="(?:canonical|alternate)"[^>]* href|meta property="og:(?:url|image)" content)="([^"]*)"/g)) {
      check(/^https?:\/\//.test(address), `\`${address}\` is not absolute`);
    }
    // Search results and the demo are excluded from search engines.
    const isHidden = /<meta name="robots" content="[^"]*noindex/.test(html);
    check(isHidden || /<link rel="canonical"/.test(html), "no canonical address");
    check(isHidden || /<meta property="og:title" content="[^"]+"/.test(html), "no og:title");
    check(isHidden || /<meta property="og:url" content="[^"]+"/.test(html), "no og:url");
    const { pathname } = new URL(url);
    check(pathname !== "/search" || isHidden, "results are indexed");
    check(!/^\/($|entries\/|contact)/.test(pathname) || !isHidden, "is not indexed");
    if (!isHidden) titles.set(title, [...(titles.get(title) ?? []), new URL(url)]);
  }
  for (const [title, urls] of titles) {
    const paths = new Set(urls.map((url) => url.pathname));
    if (paths.size > 1) wrong.push(`\`${title}\` is the title of ${[...paths].join(", ")}`);
  }
  assert.deepEqual(wrong, []);
});

/** Removes tags and whitespace, so that texts compare equal in any layout. */
const squeezed = (text) => text.replace(/<[^>]*>/g, "").replace(/\s+/g, "");

test("the structured data matches the visible text", () =>
  onPage({}, async (page) => {
    let questions = 0;
    for (const path of ["/", "/entries/selas-payment-method", "/entries/selas-paid-membership", "/entries/jetro-support-services", "/entries/jetro-refund?lang=en"]) {
      await page.goto(SERVICE + path);
      const blocks = await page.locator('script[type="application/ld+json"]').allTextContents();
      const data = blocks.map((block) => JSON.parse(block)).flatMap((block) => block["@graph"] ?? block);
      const faq = data.find((block) => [block["@type"]].flat().includes("FAQPage"));
      assert.ok(faq || path === "/", `${path}: no FAQPage`);
      if (!faq) continue;
      assert.match(data[0]["@context"] ?? "https://schema.org", /^https?:\/\/schema\.org\/?$/);
      // Folded content counts as visible.
      const visible = squeezed(await page.evaluate(() => {
        document.querySelectorAll("details").forEach((details) => (details.open = true));
        return document.body.innerText;
      }));
      for (const question of [faq.mainEntity].flat()) {
        questions += 1;
        assert.equal(question["@type"], "Question");
        assert.ok(visible.includes(squeezed(question.name)), `${path}: ${question.name}`);
        const decoded = await page.evaluate((html) => new DOMParser().parseFromString(html, "text/html").body.innerText, question.acceptedAnswer.text);
        for (const line of decoded.split(/\n+/).map(squeezed)) {
          assert.ok(visible.includes(line), `${path}: ${line}`);
        }
      }
    }
    assert.ok(questions >= 4);
  }));

test("search, entries and contact work without JavaScript", () =>
  onPage(NO_SCRIPT, async (page) => {
    const payment = await entry("selas-payment-method");
    await page.goto(`${SERVICE}/`);
    await page.locator('input[name="q"]').first().fill("会費の支払方法");
    await page.locator('input[name="q"]').first().press("Enter");
    assert.equal(new URL(page.url()).pathname, "/search");
    assert.equal(new URL(page.url()).searchParams.get("q"), "会費の支払方法");
    assert.equal(await page.locator('input[name="q"]').first().inputValue(), "会費の支払方法");
    await page.getByRole("link", { name: payment.question }).first().click();
    assert.equal(new URL(page.url()).pathname, "/entries/selas-payment-method");
    await page.getByRole("heading", { level: 1, name: payment.question }).waitFor();
    assert.ok(squeezed(await page.locator("main").innerText()).includes(squeezed(payment.answer.text).slice(0, 40)));
    await page.goto(`${SERVICE}/contact`);
    const text = await page.locator("main").innerText();
    for (const desk of CONFIG.desks) {
      assert.ok(text.includes(desk.name.ja), desk.id);
      for (const point of desk.contact_points) assert.ok(text.includes(point.value.ja), point.value.ja);
    }
    const telephone = page.getByRole("link", { name: "03-3582-8333" }).first();
    assert.equal(await telephone.getAttribute("href"), "tel:+81335828333");
  }));

test("every entry is at most two links from the start page", async () => {
  const { entries } = JSON.parse((await get("/api/v1/entries")).body.toString("utf8"));
  const near = [`${SERVICE}/`, ...linksIn(crawled.get(`${SERVICE}/`)?.html ?? "", SERVICE).map((url) => url.href)];
  const reached = near.flatMap((url) => linksIn(crawled.get(url)?.html ?? "", url)).map((url) => url.pathname);
  const far = entries.map(({ id }) => id).filter((id) => !reached.includes(`/entries/${id}`));
  assert.deepEqual(far, []);
});

test("a search without hits links to a contact", () =>
  onPage(NO_SCRIPT, async (page) => {
    for (const language of LANGUAGES) {
      const response = await page.goto(`${SERVICE}/search?q=zzzz&lang=${language}`);
      assert.equal(response?.status(), 200);
      assert.ok((await page.locator('main a[href*="contact"], main a[href^="tel:"], main a[href^="mailto:"]').count()) > 0);
    }
  }));

test("a selected language is kept", () =>
  onPage(NO_SCRIPT, async (page) => {
    await page.goto(`${SERVICE}/?lang=en`);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.locator('main a[href*="/entries/"]').first().click();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.locator('a[hreflang="ja"], a[lang="ja"]').first().click();
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  }));

test("an unknown path shows a page with links", () =>
  onPage({ expected: /404/ }, async (page) => {
    for (const path of ["/entries/unknown", "/unknown"]) {
      const response = await page.goto(SERVICE + path);
      assert.equal(response?.status(), 404);
      assert.match((await response?.headerValue("content-type")) ?? "", /^text\/html/, path);
      assert.ok((await page.locator('a[href^="/"]').count()) > 0, "links to other pages");
    }
  }));

test("the print layout shows the answer without navigation and widget", () =>
  onPage({}, async (page) => {
    const payment = await entry("selas-payment-method");
    await page.goto(`${SERVICE}/entries/${payment.id}`);
    const widget = widgetOn(page);
    await widget.launcher.waitFor();
    await page.emulateMedia({ media: "print" });
    assert.equal(await widget.launcher.isVisible(), false);
    for (const navigation of await page.getByRole("navigation").all()) {
      assert.equal(await navigation.isVisible(), false);
    }
    assert.equal(await page.locator("nav").filter({ visible: true }).count(), 0);
    assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    assert.ok((await page.locator("main").innerText()).includes(payment.question));
  }));

test("the pages load nothing from other hosts", async () => {
  const { page, context, faults } = await openPage();
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  for (const path of ["/", "/entries/selas-paid-membership", "/search?q=会費", "/contact", "/demo", "/docs/"]) {
    await page.goto(SERVICE + path);
    await page.waitForLoadState("load");
  }
  await context.close();
  assert.deepEqual([...hosts].filter((host) => host !== "null"), [SERVICE]);
  assert.deepEqual(faults.filter((fault) => !fault.includes("/docs")), []);
});

test("robots, the site map and llms.txt agree with the pages", async () => {
  const robots = await get("/robots.txt");
  assert.equal(robots.status, 200);
  const [, map] = /^Sitemap: (\S+)$/m.exec(robots.body.toString()) ?? [];
  assert.match(map ?? "", /^https?:\/\/.*\/sitemap\.xml$/);
  const sitemap = await get("/sitemap.xml");
  assert.match(sitemap.headers["content-type"] ?? "", /xml/);
  const listed = [...sitemap.body.toString("utf8").matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => url);
  const { entries } = JSON.parse((await get("/api/v1/entries")).body.toString("utf8"));
  for (const { id } of entries) {
    assert.ok(listed.some((url) => new URL(url).pathname === `/entries/${id}`), id);
  }
  for (const url of listed) {
    const { status } = await get(new URL(url).pathname);
    assert.equal(status, 200, url);
  }
  const llms = await get("/llms.txt");
  assert.match(llms.headers["content-type"] ?? "", /^text\/(plain|markdown)/);
  assert.match(llms.body.toString("utf8"), /^# \S/);
  for (const [, url] of llms.body.toString("utf8").matchAll(/\]\(([^)]+)\)/g)) {
    const link = new URL(url, SERVICE);
    if (link.origin !== SERVICE) continue;
    assert.equal((await get(link.href)).status, 200, url);
  }
});
