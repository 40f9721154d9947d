// Everything works with JavaScript off: real forms, real links, complete pages.
import { expect, healAll, openTenant, readAll, signIn, test } from "../fixtures.ts";

test.use({ javaScriptEnabled: false });
test.beforeEach(healAll);

test("signing in, starting, reading the run and its policies, signing out", async ({ page }) => {
  await signIn(page);
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await expect(page.getByText(/Inventory sync queued|Already running/)).toBeVisible();
  await page.getByRole("link", { name: "View run" }).click();
  const run = page.url();
  await expect
    .poll(
      async () => {
        await page.goto(run);
        return page.locator("main [data-status]").first().getAttribute("data-outcome");
      },
      { timeout: 45_000 },
    )
    .toBe("succeeded");
  await page.goto("/runs?outcome=succeeded");
  await expect(page.locator("[data-run-id]").first()).toBeVisible();
  await page.goto("/notifications");
  await readAll(page);
  await openTenant(page, "Northwind");
  await page.getByRole("main").getByRole("link", { name: /inventory/i }).first().click();
  await expect(page.getByRole("row").nth(20)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/runs");
  await expect(page).toHaveURL(/\/login\?next=/);
});
