// The staff desk where someone else must approve what is published.
import assert from "node:assert/strict";
import { test } from "node:test";

import { failOn, violationsOn } from "./support/axe.mjs";
import { onPage, openPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { ask, checked, publish, signIn, until } from "./support/staff.mjs";

const ENTRY = "selas-product-registration";
const QUESTION = "ふわふわの棚卸し";

test("a colleague approves a draft, and its author publishes it", async () => {
  const colleague = await openPage();
  try {
    await onPage({}, async (page) => {
      await signIn(page);
      await page.goto(`${SERVICE}/staff/questions?q=${encodeURIComponent(QUESTION)}&find=${ENTRY}`);
      await page.locator(`input[type=radio][value="${ENTRY}"]`).check();
      await page.getByRole("button", { name: "この項目の言い換えに加える" }).click();
      await checked(page);
      await page.getByText("ほかの人の承認が必要です").waitFor();
      assert.equal(await page.getByRole("button", { name: "公開する" }).count(), 0);
      await signIn(colleague.page, "suzuki");
      await colleague.page.getByRole("link", { name: "satoさんの下書き" }).click();
      await checked(colleague.page);
      failOn(await violationsOn(colleague.page, "the draft of a colleague"));
      await colleague.page.getByRole("button", { name: "承認する" }).click();
      await colleague.page.getByText("suzukiさんが承認しました").waitFor();
      await page.reload();
      await publish(page, "同僚が確かめたため");
      await page.getByText("承認: suzuki").waitFor();
      await until(async () => (await ask(QUESTION)).entry?.id === ENTRY, "the answer of the service");
    });
    assert.deepEqual(colleague.faults, []);
  } finally {
    await colleague.context.close();
  }
});
