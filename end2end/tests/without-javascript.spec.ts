// Everything works with JavaScript off: real forms, real links, complete pages.
import { addGroup, expect, healAll, openTenant, policiesNamed, readAll, signIn, test } from "../fixtures.ts";
import { addScript } from "../restoring.ts";
import type { Page } from "@playwright/test";

test.use({ javaScriptEnabled: false });
test.beforeEach(healAll);

/** What a reader without a script does: look again until it is there. */
async function reloadUntil(page: Page, selector: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(page.locator(selector)).toBeAttached({ timeout: 500 });
  }).toPass({ timeout: 45_000 });
}

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
  await expect(page.getByText(/^As of \d\d:\d\d:\d\d UTC$/)).toBeVisible();
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

test("overview, queues and audit log are whole pages", async ({ page }) => {
  await signIn(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const board = page.getByRole("table", { name: "The latest run of each operation on each tenant" });
  for (const tenant of ["Contoso", "Fabrikam", "Northwind"]) {
    await expect(board.getByRole("link", { name: tenant, exact: true })).toBeVisible();
  }
  await expect(page.getByRole("heading", { name: "Needs someone" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "The last four weeks" })).toBeVisible();

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Queues" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Queues" })).toBeVisible();
  await expect(page.locator("dl.tally dd").first()).toHaveText(/^\d/);
  await expect(page.locator("tr[data-worker=alive]").first()).toBeVisible();

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit log" })).toBeVisible();
  await page.getByRole("combobox", { name: "Action" }).selectOption({ label: "Signed in" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/action=sign_in/);
  const events = page.locator("tr[data-event-id]");
  await expect(events.first()).toContainText("Demo Administrator");
  await expect(events.filter({ hasNotText: "Signed in" })).toHaveCount(0);
});

test("a restore goes from its backup to a dry run by forms alone", async ({ page }) => {
  test.slow();
  const name = "Without a script: a script";
  const group = await addGroup("Contoso", "Without a script: a group");
  await addScript("Contoso", name, [
    { "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget" },
    { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: group },
  ]);
  await signIn(page);
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await page.getByText("Only some kinds").click();
  await page.getByLabel("Shell scripts", { exact: true }).check();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await reloadUntil(page, "article[data-outcome=succeeded]");

  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Restores", exact: true }).click();
  await page.getByRole("link", { name: "New restore" }).click();
  await page.getByRole("link", { name: /^Shell scripts/ }).first().click();
  await page.getByLabel("Name contains").fill(name);
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/text=/);
  await page.getByRole("radio", { name: /Only the policies ticked/ }).check();
  await page.getByRole("checkbox", { name, exact: true }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText(/^1 policy · with assignments/)).toBeVisible();

  await page.getByRole("button", { name: "Generate preview" }).click();
  await expect(page.getByText("Restore preview queued.")).toBeVisible();
  await reloadUntil(page, "article[data-status=previewed]");
  await expect(page.locator("tr[data-action=create]")).toContainText(name);
  await expect(page.getByRole("button", { name: "Dry run" })).toBeDisabled();
  const line = page.locator("tr[data-mapping=group]");
  await expect(line).toHaveAttribute("data-decision", "undecided");
  await line.getByRole("combobox").selectOption({ label: "Leave out" });
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(page.getByText("Mapping saved.")).toBeVisible();
  await expect(line).toHaveAttribute("data-decision", "left_out");
  await page.getByText("1 assignment changes").click();
  await expect(page.locator("li[data-change]")).toHaveText(["Added: All devices"]);

  await page.getByRole("button", { name: "Dry run" }).click();
  await reloadUntil(page, "article[data-status=completed]");
  await expect(page.locator("tr[data-state=succeeded]")).toContainText("Would be restored");
  await expect(page.getByText("This was a dry run: nothing was changed in Microsoft 365.")).toBeVisible();
  expect(await policiesNamed("Northwind", name)).toEqual([]);
});
