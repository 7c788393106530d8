// The staff desk of the service under test: signing in, and the steps that most tests share.
import assert from "node:assert/strict";

import { SERVICE } from "./service.mjs";

/** The tokens of the users. */
const TOKENS = {
  sato: process.env.STAFF_TOKEN ?? "",
  suzuki: process.env.STAFF_OTHER_TOKEN ?? "",
};

/** The sessions of the users: the service limits the attempts of a minute. */
const sessions = {};

/** Asks the service as a member would. */
export async function ask(question) {
  const response = await fetch(`${SERVICE}/api/v1/ask`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question }),
  });
  return response.json();
}

/** Waits until a condition holds, for a minute at most. */
export async function until(condition, what) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`${what}: not within a minute`);
}

/** Signs a user in, and opens the first page. */
export async function signIn(page, user = "sato") {
  if (sessions[user]) await page.context().addCookies([sessions[user]]);
  await page.goto(`${SERVICE}/staff?lang=ja`);
  if (!sessions[user]) {
    await page.getByLabel("トークン").fill(TOKENS[user]);
    await page.keyboard.press("Enter");
  }
  await page.getByRole("heading", { level: 1, name: "きょう" }).waitFor();
  const cookies = await page.context().cookies(`${SERVICE}/staff`);
  sessions[user] = cookies.find((cookie) => cookie.name === "madoguchi_staff");
  assert.ok(sessions[user]?.httpOnly && sessions[user].sameSite === "Strict", "the cookie of the session");
}

/** Opens the page of today until it lists a question: records are written in batches. */
export async function listed(page, question) {
  await until(async () => {
    await page.goto(`${SERVICE}/staff/unanswered`);
    return (await page.getByRole("link", { name: question }).count()) > 0;
  }, `「${question}」 among the questions without an answer`);
}

/** Waits for the result of the check. */
export const checked = (page) =>
  page.getByRole("heading", { name: /^(確認の結果|Check)$/ }).waitFor({ timeout: 60_000 });

/** Publishes the draft that the page shows. */
export async function publish(page, reason) {
  await checked(page);
  await page.locator("#reason").fill(reason);
  await page.getByRole("button", { name: /^(公開する|Publish)$/ }).click();
  await page.getByText(/公開しました|Published\./).waitFor();
}

/** Discards the draft of the user. */
export async function discard(page) {
  await page.goto(`${SERVICE}/staff/draft?lang=ja`);
  if ((await page.getByText("直したものはありません").count()) > 0) return;
  await page.getByText("下書きを捨てる").click();
  await page.getByRole("button", { name: "捨てる" }).click();
  await page.getByText("直したものはありません").waitFor();
}

/** Fills the form of an entry; a field is named as in the form. */
export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`form [name=${name}]`).last();
    const isList = (await field.evaluate((element) => element.tagName)) === "SELECT";
    await (isList ? field.selectOption(value) : field.fill(value));
  }
}

/** Puts the form of an entry into the draft. */
export const intoDraft = (page) =>
  page.getByRole("button", { name: /^(下書きに入れる|Put into the draft)$/ }).first().click();
