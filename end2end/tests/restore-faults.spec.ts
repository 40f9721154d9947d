// Restores when Microsoft throttles and refuses: what failed is told, and retried alone.
import { addPolicy, expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, setFaults, test } from "../fixtures.ts";
import type { Page } from "@playwright/test";

test.beforeEach(healAll);
test.afterAll(healAll);

async function expectRestore(page: Page, status: string): Promise<void> {
  await expect(page.locator("[data-restore-id]")).toHaveAttribute("data-status", status, { timeout: 45_000 });
}

async function preview(page: Page): Promise<void> {
  await hydrated(page);
  await page.getByRole("button", { name: "Generate preview" }).click();
  await expectRestore(page, "previewed");
  for (const line of await page.locator("tr[data-decision=undecided]").all()) {
    await line.getByRole("combobox").selectOption({ label: "Leave out" });
  }
  if ((await page.locator("tr[data-decision=undecided]").count()) > 0) {
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(page.locator("tr[data-decision=undecided]")).toHaveCount(0);
  }
}

test("what Microsoft refuses fails alone, and is retried as a restore of its own", async ({ person: page }) => {
  test.slow();
  const type = "#microsoft.graph.windows10GeneralConfiguration";
  await addPolicy("Contoso", "deviceConfigurations", { "@odata.type": type, displayName: "Refusal: a configuration" });
  await addPolicy("Contoso", "deviceShellScripts", { displayName: "Refusal: a script", fileName: "a.sh", scriptContent: btoa("#!/bin/sh\n") });
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await hydrated(page);
  await page.getByText("Only some kinds").click();
  await page.getByLabel("Device configurations", { exact: true }).check();
  await page.getByLabel("Shell scripts", { exact: true }).check();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");

  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Restores", exact: true }).click();
  await page.getByRole("link", { name: /new restore|restore a backup|begin/i }).first().click();
  await page.getByRole("link", { name: /^2 kinds/ }).first().click();
  await hydrated(page);
  await page.getByLabel("Name contains").fill("Refusal: a configuration");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("checkbox", { name: "Refusal: a configuration" }).check();
  await expect(page.getByRole("radio", { name: /Only the policies ticked/ })).toBeChecked();
  await page.getByLabel("Name contains").fill("Refusal: a script");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("checkbox", { name: "Refusal: a script" }).check();
  await expect(page.getByText("2 selected, 1 of them not in this list.")).toBeVisible();
  await expect(page.getByRole("radio", { name: /Only the policies ticked/ })).toBeChecked();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText(/^2 policies/)).toBeVisible();

  await setFaults("Northwind", { throttleEvery: 3, retryAfterSeconds: 1 });
  await preview(page);
  await expect(page.locator("tr[data-action=create]")).toHaveCount(2);

  await setFaults("Northwind", { forbiddenKinds: ["deviceShellScripts"] });
  await page.getByRole("button", { name: "Execute restore" }).click();
  await expectRestore(page, "completed_with_errors");
  await expect(page.locator("tr[data-state=succeeded]")).toContainText("Refusal: a configuration");
  await expect(page.locator("tr[data-state=failed]")).toContainText("Refusal: a script");
  await expect(page.getByText(/must act/).first()).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  const first = page.url();

  await healAll();
  await page.getByRole("button", { name: "Retry the 1 failed item" }).click();
  await expect(page).not.toHaveURL(first);
  await expect(page.getByText(/^1 polic/)).toBeVisible();
  await preview(page);
  await page.getByRole("button", { name: "Execute restore" }).click();
  await expectRestore(page, "completed");
  await page.locator("#result").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
});

test("a preview that can't sign in fails, says who must act, and can be asked for again", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Restores", exact: true }).click();
  await page.getByRole("link", { name: /new restore|restore a backup|begin/i }).first().click();
  await page.getByRole("table").getByRole("link").first().click();
  await page.getByRole("button", { name: "Continue" }).click();
  await hydrated(page);
  await setFaults("Northwind", { rejectCredentials: true, revokeTokens: true });
  await page.getByRole("button", { name: "Generate preview" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "failed");
  await expect(page.getByText(/must act/).first()).toBeVisible();
  await healAll();
  await page.goBack();
  await expectRestore(page, "scoped");
  await page.getByRole("button", { name: "Generate preview" }).click();
  await expectRestore(page, "previewed");
});
