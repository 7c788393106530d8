// Takes the screenshots of the guide for staff, as small WebP files.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { EXECUTABLE, FLAGS } from "./browser.mjs";
import { SERVICE } from "./service.mjs";
import { ask, checked, discard, intoDraft, listed, signIn } from "./staff.mjs";

/** What members ask before, most of it without an answer. */
const QUESTIONS = [
  "駐車場はありますか",
  "駐車場の場所を教えてください",
  "ハラール認証は取れますか",
  "工場見学はできますか",
  "商標登録を相談したい",
  "会費の支払方法を教えてください",
];

/** Quality of the files, from 0 to 1. */
const QUALITY = 0.8;

/** Takes all screenshots into a folder. */
export async function takeStaffDesk(folder) {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  const context = await browser.newContext({
    viewport: { width: 1000, height: 760 },
    locale: "ja-JP",
    timezoneId: "Asia/Tokyo",
    reducedMotion: "reduce",
    colorScheme: "light",
  });
  const page = await context.newPage();
  const converter = await context.newPage();
  const take = async (name, element = null) => {
    const png = await (element ?? page).screenshot();
    const url = await converter.evaluate(
      async ([source, quality]) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width;
        canvas.height = image.height;
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas.toDataURL("image/webp", quality);
      },
      /** @type {const} */ ([`data:image/png;base64,${png.toString("base64")}`, QUALITY]),
    );
    await writeFile(join(folder, `staff-${name}.webp`), Buffer.from(url.split(",")[1], "base64"));
  };
  for (const question of QUESTIONS) await ask(question);
  await page.goto(`${SERVICE}/staff/sign-in?lang=ja`);
  await take("sign-in");
  await signIn(page);
  await listed(page, QUESTIONS[2]);
  await page.goto(`${SERVICE}/staff`);
  await take("today");
  await page.goto(`${SERVICE}/staff/questions?q=${encodeURIComponent(QUESTIONS[2])}`);
  await take("question");
  await page.goto(`${SERVICE}/staff/entry?id=selas-product-registration`);
  await take("entry");
  await page.goto(`${SERVICE}/staff/closed`);
  await take("closed");
  await page.getByLabel("休みのはじめの日").first().fill("2031-12-29");
  await page.getByLabel("終わりの日").first().fill("2032-01-03");
  await intoDraft(page);
  await checked(page);
  await take("draft");
  await page.locator(".replay").scrollIntoViewIfNeeded();
  await take("replay", page.locator(".replay"));
  await page.locator("#reason").fill("年末年始のため");
  await page.getByRole("button", { name: "公開する" }).click();
  await page.getByText("公開しました").waitFor();
  await take("history");
  await page.goto(`${SERVICE}/staff/report`);
  await take("report");
  await page.goto(`${SERVICE}/staff/import`);
  await take("import");
  await discard(page);
  await browser.close();
}
