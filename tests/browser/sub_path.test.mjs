// Below a path of another site, through nginx: pages, the widget, an answer, a verdict, the API's page.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { onPage } from "./support/browser.mjs";
import { get } from "./support/service.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { openWidget, submit } from "./support/widget.mjs";

/** The address of the help centre behind nginx, without a slash at its end. */
const BELOW = process.env.BELOW_URL ?? "";

const site = await openSite(() => ({ "/foreign": embedding(BELOW) }));

before(async () => {
  const end = Date.now() + 30_000;
  for (;;) {
    const answered = await get(`${BELOW}/livez`).catch(() => null);
    if (answered?.status === 200) return;
    assert.ok(Date.now() < end, "nginx does not answer");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

/** Collects what a page loads from another path, and what cannot be loaded. */
function wrongLoads(page) {
  const wrong = [];
  page.on("response", (response) => {
    const url = response.url();
    if (response.status() >= 400 || !(url === BELOW || url.startsWith(`${BELOW}/`))) wrong.push(`${response.status()} ${url}`);
  });
  return wrong;
}

test("a visitor goes from the start page to a verdict", () =>
  onPage({}, async (page) => {
    const wrong = wrongLoads(page);
    await page.goto(`${BELOW}/`);
    await page.locator("main").getByRole("link", { name: "ご利用について" }).click();
    await page.getByRole("heading", { level: 1, name: "ご利用について" }).waitFor();
    await page.locator("main .entries").first().getByRole("link").first().click();
    await page.locator("article.entry").waitFor();
    assert.match(page.url(), new RegExp(`^${BELOW}/entries/`));
    await page.locator("main").getByRole("button", { name: "解決しなかった", exact: true }).click();
    await page.locator("main").getByRole("status").getByRole("link").last().click();
    await page.waitForURL(`${BELOW}/desks/selas#contact`);
    // Back by the breadcrumbs, in English, and a search.
    await page.getByRole("link", { name: "English" }).click();
    await page.getByRole("navigation", { name: "Where you are" }).getByRole("link").first().click();
    await page.waitForURL(`${BELOW}/?lang=en`);
    await page.goto(`${BELOW}/desks/selas?lang=en`);
    await page.goto(`${BELOW}/search?q=${encodeURIComponent("有料会員をやめたい")}&desk=selas`);
    await page.locator(".answer-card").first().waitFor();
    assert.deepEqual(wrong, []);
  }));

test("the address of a category may have slashes of its name, and one more at its end", async () => {
  const category = "会員種別について/登録について".split("/").map(encodeURIComponent);
  for (const path of [category.join("/"), category.join("%2F"), `${category.join("/")}/`]) {
    const { status, body } = await get(`${BELOW}/desks/selas/${path}`);
    assert.equal(status, 200, path);
    assert.ok(body.includes(`<link rel="canonical" href="${BELOW}/desks/selas/${category.join("/")}">`), path);
  }
});

test("the widget on a foreign page answers, takes a verdict and links below the path", () =>
  onPage({}, async (page) => {
    const widget = await openWidget(page, `${site.url}/foreign`);
    await submit(widget, "有料会員をやめたい");
    const link = widget.log.getByRole("link", { name: widget.text("entry_page") });
    await link.waitFor();
    assert.match((await link.getAttribute("href")) ?? "", new RegExp(`^${BELOW}/entries/`));
    await widget.button("helpful_yes").click();
    await widget.log.getByText("ありがとうございます").waitFor();
    assert.deepEqual(site.forwarded.filter((line) => line.includes("/api/")), [], "all requests go to the service");
  }));

test("the page of the API loads its description and calls below the path", () =>
  onPage({}, async (page) => {
    const wrong = wrongLoads(page);
    await page.goto(`${BELOW}/docs/`);
    await page.locator(".opblock").first().waitFor();
    assert.deepEqual(wrong, []);
  }));
