// Checks accessibility with axe-core, including shadow roots.
import axe from "axe-core";

/**
 * Lists all violations of axe's default rules, including best practices.
 * @param {import("playwright-core").Page} page
 * @param {string} state the state of the page, for the message
 * @returns {Promise<string[]>}
 */
export async function violationsOn(page, state) {
  // Evaluated by the debugger, which ignores the page's content security policy.
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
 * Fails if the page has violations.
 * @param {import("playwright-core").Page} page
 * @param {string} state
 */
export async function assertNoViolations(page, state) {
  failOn(await violationsOn(page, state));
}

/** Fails if violations were found. @param {string[]} found */
export function failOn(found) {
  if (found.length > 0) throw new Error(`accessibility violations:\n${found.join("\n")}`);
}
