// Several policies at once: ticked in the inventory, then exported or deleted.
import { expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, setFaults, signIn, test } from "../fixtures.ts";
import type { Page } from "@playwright/test";

test.beforeEach(healAll);

async function openInventory(page: Page, tenant: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await openTenant(page, tenant);
  await page.getByRole("main").getByRole("link", { name: /inventory/i }).first().click();
  await hydrated(page);
}

async function show(page: Page, kind: RegExp): Promise<void> {
  const label = await page.locator("option", { hasText: kind }).textContent();
  await page.getByLabel("Kind").selectOption({ label: label! });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/kind=/);
}

test("ticked policies stay ticked over filters, and are exported", async ({ person: page }) => {
  await openInventory(page, "Contoso");
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("row").nth(2).getByRole("checkbox").check();
  await expect(page.getByText("2 selected.")).toBeVisible();
  const other = (await page.getByRole("row").last().locator("label").innerText()).trim();
  await page.getByLabel("Name contains").fill(other);
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/text=/);
  await page.getByRole("checkbox", { name: other, exact: true }).first().check();
  await expect(page.getByText(/^3 selected, [12] of them not in this list/)).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("status").filter({ hasText: "Policy export queued" }).getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as files" }).click();
  expect((await download).suggestedFilename()).toMatch(/^\w+ - Export of 3 policies.*\.zip$/);
});

test("deleting shows what it deletes, asks for the tenant's name, and backs up first", async ({ person: page }) => {
  await openInventory(page, "Northwind");
  await show(page, /^Settings catalog/);
  const name = await page.getByRole("row").nth(1).getByRole("checkbox").getAttribute("value");
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Delete 1 policy of Northwind" })).toBeVisible();
  await expect(page.locator(`[data-policy-id="${name}"]`)).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByLabel(/^Type the tenant's name, Northwind,/).fill("northwind");
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(/type the tenant's name, Northwind, to delete 1 policy/)).toBeVisible();
  await page.getByLabel(/^Type the tenant's name, Northwind,/).fill("Northwind");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("status").filter({ hasText: "Policy deletion queued" }).getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await page.getByRole("link", { name: /^backup set/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Before deleting 1 policy/ })).toBeVisible();
  await openTenant(page, "Northwind");
  await page.getByRole("main").getByRole("link", { name: /inventory/i }).first().click();
  await expect(page.getByRole("row")).not.toHaveCount(0);
  await expect(page.locator(`[data-policy-id="${name}"]`)).toHaveCount(0);
});

test("what could not be deleted is said, with who must act", async ({ person: page }) => {
  await openInventory(page, "Fabrikam");
  await show(page, /^Platform scripts/);
  await setFaults("Fabrikam", { forbiddenKinds: ["deviceManagementScripts"] });
  await page.getByRole("row").nth(1).getByRole("checkbox").check();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByLabel(/^Type the tenant's name/).fill("Fabrikam");
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "failed");
  await expect(page.getByText("Your app registration's owner must act").first()).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the same buttons work", async ({ page }) => {
    await signIn(page);
    await openTenant(page, "Contoso");
    await page.getByRole("main").getByRole("link", { name: /inventory/i }).first().click();
    await page.getByRole("row").nth(1).getByRole("checkbox").check();
    await page.getByRole("button", { name: "Export" }).click();
    await expect(page.getByText(/Policy export queued|Already running/)).toBeVisible();
    await page.getByRole("row").nth(1).getByRole("checkbox").check();
    await page.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Delete 1 policy of Contoso" })).toBeVisible();
    await page.getByLabel(/^Type the tenant's name/).fill("somewhere else");
    await page.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText(/type the tenant's name, Contoso, to delete 1 policy/)).toBeVisible();
  });
});
