// What differs between two backups of a tenant.
import { addPolicy, changePolicy, expect, expectAccessible, expectFitsPhone, healAll, hydrated, openTenant, test } from "../fixtures.ts";
import { backUpKind } from "../restoring.ts";

test.beforeEach(healAll);

test("what changed between the last two backups is told, policy by policy", async ({ person: page }) => {
  const script = (displayName: string) => ({ displayName, description: "before", fileName: "a.ps1", scriptContent: btoa("exit 0\n") });
  const changed = await addPolicy("Northwind", "deviceManagementScripts", script("Drift journey: changed"));
  await backUpKind(page, "Northwind", "Platform scripts");
  await changePolicy("Northwind", changed, { description: "after" });
  await addPolicy("Northwind", "deviceManagementScripts", script("Drift journey: added"));
  await backUpKind(page, "Northwind", "Platform scripts");

  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await page.getByRole("link", { name: "Drift", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Drift of Northwind" })).toBeVisible();
  await hydrated(page);
  const row = page.locator("tr[data-change=changed]", { hasText: "Drift journey: changed" });
  await row.getByText("1 setting changes").click();
  await expect(row.getByRole("row", { name: /^Description/ })).toHaveText(/before.*after/);
  await expect(page.locator("tr[data-change=only_after]", { hasText: "Drift journey: added" })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);

  await page.getByLabel("Show").selectOption("Only in the later");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(row).toHaveCount(0);
  await expect(page.locator("tr[data-change=only_after]")).toHaveCount(1);
  await expect(page).toHaveURL(/change=only_after/);
  // The other way round it is what the later one lacks.
  const [from, to] = await Promise.all([page.getByLabel("Earlier backup").inputValue(), page.getByLabel("Later backup").inputValue()]);
  await page.goto(`${new URL(page.url()).pathname}?from=${to}&to=${from}`);
  await expect(page.locator("tr[data-change=only_before]", { hasText: "Drift journey: added" })).toBeVisible();
});

test("a tenant without backups says what drift is and where it begins", async ({ person: page }) => {
  await openTenant(page, "Fabrikam");
  await page.goto(`${new URL(page.url()).pathname}/drift`);
  const drift = page.getByRole("heading", { level: 1, name: "Drift of Fabrikam" });
  await expect(drift).toBeVisible();
  await expectAccessible(page);
});
