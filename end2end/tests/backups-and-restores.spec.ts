// From a backup of one tenant to the same policies in another: what a restore would do is seen before anything is written.
import { expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, test } from "../fixtures.ts";

test.beforeEach(healAll);

test("a tenant is backed up, and a version is looked at", async ({ person: page }) => {
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await hydrated(page);
  await page.getByRole("button", { name: "Back up now" }).click();
  const answer = page.getByRole("status").filter({ hasText: "Backup queued" });
  await answer.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await page.getByRole("link", { name: /^Whole tenant/ }).first().click();
  await expect(page.getByRole("row")).not.toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as files" }).click();
  expect((await download).suggestedFilename()).toMatch(/^Contoso - Whole tenant.*\.zip$/);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Assignments" })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test("a restore into another tenant is previewed, mapped, tried and executed", async ({ person: page }) => {
  test.slow();
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await hydrated(page);
  await page.getByText("Only some kinds").click();
  await page.getByLabel("Compliance policies", { exact: true }).check();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("link", { name: "View run" }).first().click();
  await expectEnded(page, "succeeded");

  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Sync directory groups" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");

  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Restores", exact: true }).click();
  await page.getByRole("link", { name: /new restore|restore a backup|begin/i }).first().click();
  await page.getByRole("link", { name: /^Compliance policies/ }).first().click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Restore from Compliance policies/ })).toBeVisible();
  await hydrated(page);

  await page.getByRole("button", { name: "Generate preview" }).click();
  await expect(page.locator("[data-restore-id]")).toHaveAttribute("data-status", "previewed", { timeout: 30_000 });
  await expect(page.getByText(/cache of this tenant's directory/)).toBeVisible();
  for (const line of await page.locator("tr[data-decision=undecided]").all()) {
    await line.getByRole("combobox").selectOption({ label: "Leave out" });
  }
  if ((await page.locator("tr[data-mapping]").count()) > 0) {
    await page.getByRole("button", { name: "Save mapping" }).click();
    await expect(page.locator("tr[data-decision=undecided]")).toHaveCount(0);
  }
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: "Dry run" }).click();
  await expect(page.locator("[data-restore-id]")).toHaveAttribute("data-status", "completed", { timeout: 30_000 });
  await expect(page.getByText("Would be restored").first()).toBeVisible();

  const confirmation = page.getByLabel(/^Type the tenant's name/);
  if ((await confirmation.count()) > 0) await confirmation.fill("Northwind");
  await page.getByRole("button", { name: "Execute restore" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Restore for Northwind" })).toBeVisible();
  await expectEnded(page, "succeeded");
});
