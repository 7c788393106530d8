// Two members of the staff who edit one entry.
import { test } from "node:test";

import { failOn, violationsOn } from "./support/axe.mjs";
import { onPage, openPage } from "./support/browser.mjs";
import { SERVICE } from "./support/service.mjs";
import { checked, discard, fill, intoDraft, publish, signIn } from "./support/staff.mjs";

/** The entry. */
const ENTRY = "selas-product-registration";

test("two people edit one entry, and neither loses the change unseen", async () => {
  const other = await openPage();
  try {
    await onPage({}, async (page) => {
      await signIn(page);
      await page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
      await signIn(other.page, "suzuki");
      await other.page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
      await fill(page, { answer: "佐藤の答えです。" });
      await intoDraft(page);
      await checked(page);
      await fill(other.page, { answer: "鈴木の答えです。" });
      await intoDraft(other.page);
      await publish(other.page, "鈴木が先に直した");
      await page.reload();
      await page.getByText("同じファイルがほかで変わりました").waitFor();
      await page.locator("ins", { hasText: "鈴木の答えです。" }).first().waitFor();
      await page.locator("ins", { hasText: "佐藤の答えです。" }).first().waitFor();
      failOn(await violationsOn(page, "the conflict"));
      await page.getByRole("button", { name: "新しい内容に、自分の変更を重ねる" }).click();
      await page.getByText("同じ行が変わっているため").waitFor();
      await discard(page);
      // A form that was opened before a colleague published.
      await page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
      await other.page.goto(`${SERVICE}/staff/entry?id=${ENTRY}`);
      await fill(other.page, { answer: "鈴木の新しい答えです。" });
      await intoDraft(other.page);
      await publish(other.page, "鈴木がまた直した");
      await fill(page, { answer: "佐藤の新しい答えです。" });
      await intoDraft(page);
      await page.getByText("開いたあとに、この項目が変わりました").waitFor();
    });
  } finally {
    await other.context.close();
  }
});
