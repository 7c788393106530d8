// The browser of a test file: launched on first use, with pages that record their faults.
import { after } from "node:test";

import { chromium } from "playwright-core";

/** Prevents requests to servers other than the test's own. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A phone with the smallest common width. */
export const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

let opening;

function browser() {
  opening ??= chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  return opening;
}

after(async () => (await opening)?.close());

/**
 * Opens a page in its own context.
 *
 * `faults` collects console errors, exceptions, dialogs and violations of a content security
 * policy. `expected` matches those that the test provokes.
 * @param {import("playwright-core").BrowserContextOptions & {expected?: RegExp}} [options]
 */
export async function openPage({ expected, ...options } = {}) {
  const context = await (
    await browser()
  ).newContext({
    viewport: { width: 1024, height: 768 },
    locale: "ja-JP",
    timezoneId: "Asia/Tokyo",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  const note = (text) => expected?.test(text) || faults.push(text);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("pageerror", (error) => note(`exception: ${error.stack ?? error}`));
  page.on("dialog", async (dialog) => {
    note(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  if (options.javaScriptEnabled !== false) {
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(
          `violation of ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`,
        );
      });
    });
  }
  return { page, context, faults };
}

/**
 * Runs the steps of a test on a page, closes it and fails if it had faults.
 * @param {Parameters<typeof openPage>[0]} options
 * @param {(page: import("playwright-core").Page, faults: string[]) => Promise<void>} steps
 */
export async function onPage(options, steps) {
  const { page, context, faults } = await openPage(options);
  try {
    await steps(page, faults);
  } catch (error) {
    if (faults.length > 0) error.message += `\nfaults of the page:\n${faults.join("\n")}`;
    throw error;
  } finally {
    await context.close();
  }
  if (faults.length > 0) throw new Error(`faults of the page:\n${faults.join("\n")}`);
}
