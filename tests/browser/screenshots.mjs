// Takes screenshots of every state for review: `SERVICE_URL=… node screenshots.mjs FOLDER`; with `--staff FOLDER`,
// those of the guide for staff.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { EXECUTABLE, FLAGS, PHONE } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { takeStaffDesk } from "./support/staff_screenshots.mjs";
import { embedding, openSite } from "./support/site.mjs";
import { ask, reachTheDesk, submit, widgetOn } from "./support/widget.mjs";

const isStaff = process.argv[2] === "--staff";
const folder = process.argv[isStaff ? 3 : 2];
if (!folder) {
  console.error("usage: SERVICE_URL=http://127.0.0.1:8080 node screenshots.mjs [--staff] FOLDER");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
if (isStaff) {
  await takeStaffDesk(folder);
  process.exit(0);
}

const DESKTOP = { viewport: { width: 1100, height: 800 } };
const LOOKS = [
  { name: "light", language: "ja", options: { ...DESKTOP, colorScheme: "light" } },
  { name: "dark", language: "ja", options: { ...DESKTOP, colorScheme: "dark" } },
  { name: "phone", language: "ja", options: { ...PHONE, colorScheme: "light" } },
  { name: "phone_dark", language: "ja", options: { ...PHONE, colorScheme: "dark" } },
  { name: "english", language: "en", options: { ...DESKTOP, colorScheme: "light", locale: "en-US" } },
];
const PAGES = {
  home: "/",
  desk: "/desks/selas",
  category: "/desks/selas/会員種別について/登録について",
  entry: "/entries/selas-paid-membership",
  entry_table: "/entries/selas-product-registration",
  search: "/search?q=会費",
  search_desk: "/search?q=会費&desk=selas",
  search_escalated: "/search?q=領収書がほしい、SELASの",
  search_none: "/search?q=zzzz",
  search_empty: "/search",
  contact: "/contact",
  demo: "/demo",
  missing: "/entries/unknown",
};

const site = await openSite((url) => ({ "/ja": embedding(url), "/en": embedding(url, { lang: "en" }) }));
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

for (const { name, language, options } of LOOKS) {
  const context = await browser.newContext({ locale: "ja-JP", timezoneId: "Asia/Tokyo", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const take = async (state, fullPage = false) => {
    const file = join(folder, `${state}.${name}.png`);
    await page.screenshot({ path: file, fullPage });
    console.log(file);
  };
  /** Takes the screenshot even if the state cannot be reached, and continues with the others. */
  const attempt = async (state, steps) => {
    try {
      await steps();
    } catch (error) {
      console.error(`${state}.${name}: ${error.message.split("\n")[0]}`);
    }
    await take(`widget_${state}`);
  };
  await page.goto(`${site.url}/${language}`);
  const widget = widgetOn(page, { language });
  await attempt("closed", () => widget.launcher.waitFor());
  await attempt("open", () => widget.launcher.click());
  await attempt("suggestions", async () => {
    await widget.input.fill("しはら");
    await widget.options.first().waitFor();
    await page.keyboard.press("ArrowDown");
  });
  await attempt("answer", () => ask(widget, "会費の支払方法を教えてください"));
  await attempt("table", () => ask(widget, "商品登録の入力必須項目を教えてください"));
  await attempt("long_answer", () => ask(widget, "有料会員になると何ができますか"));
  await attempt("choices", () => ask(widget, "会費"));
  await attempt("escalated", async () => {
    await ask(widget, "会費の支払方法を教えてください");
    await reachTheDesk(widget, (button) => button.click());
  });
  await attempt("all_desks", () => ask(widget, "担当者と話したい"));
  await attempt("failure", async () => {
    site.rule = (request) => request.destroy();
    await submit(widget, "解約したい");
    await widget.button("retry").last().waitFor();
  });
  site.rule = null;
  for (const [state, path] of Object.entries(PAGES)) {
    const url = new URL(path, SERVICE);
    if (language === "en") url.searchParams.set("lang", "en");
    await page.goto(url.href);
    await page.evaluate(() => sessionStorage.clear());
    await page.reload({ waitUntil: "networkidle" });
    await take(`page_${state}`, true);
    if (state !== "entry") continue;
    await page.locator(".vote button").last().click();
    await page.locator(".vote a").first().waitFor();
    await take("page_entry_not_helpful", true);
  }
  await context.close();
}
await browser.close();
process.exit(0);
