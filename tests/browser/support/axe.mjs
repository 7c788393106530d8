// Looks for barriers with axe-core, through shadow roots.
import axe from "axe-core";

/**
 * Lists every violation of axe's default rules, best practices among them.
 * @param {import("playwright-core").Page} page
 * @param {string} state what is on the page, for the message
 * @returns {Promise<string[]>}
 */
export async function barriers(page, state) {
  // Through the debugger, so that no policy of the page stands in the way.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.flatMap((violation) =>
    violation.nodes.map(
      (node) =>
        `${state}: ${violation.id} (${violation.impact}): ${node.target.flat().join(" >> ")}\n` +
        `    ${node.html.slice(0, 200)}\n    ${node.failureSummary?.replace(/\s*\n\s*/g, " ")}`,
    ),
  );
}

/**
 * Fails with the barriers of a page as it is now.
 * @param {import("playwright-core").Page} page
 * @param {string} state
 */
export async function assertNoBarrier(page, state) {
  assertNone(await barriers(page, state));
}

/** @param {string[]} found */
export function assertNone(found) {
  if (found.length > 0) throw new Error(`barriers:\n${found.join("\n")}`);
}
