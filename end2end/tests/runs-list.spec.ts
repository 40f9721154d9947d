// The runs list: filtered, saved as a view, opened by its link, and several runs at once.
import { expect, expectAccessible, expectFitsPhone, healAll, hydrated, openTenant, signIn, test } from "../fixtures.ts";
import type { Page } from "@playwright/test";

test.beforeEach(healAll);

/** Starts an operation on a tenant's page and waits for the run's end. */
async function finish(page: Page, tenant: string, button: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expect(page.locator("main [data-status]").first()).toHaveAttribute("data-status", "completed", { timeout: 45_000 });
}

test("filters become chips and a view that opens by its link; selected runs are run again", async ({ person: page, secondBrowser }) => {
  test.slow();
  await finish(page, "Northwind", "Verify connection");
  await finish(page, "Northwind", "Sync directory groups");
  await page.goto("/runs?view=all");
  await hydrated(page);
  await page.getByRole("combobox", { name: "Tenant", exact: true }).selectOption({ label: "Northwind" });
  await page.getByRole("combobox", { name: "Status", exact: true }).selectOption({ label: "Completed" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByRole("link", { name: "Remove filter Tenant: Northwind" })).toBeVisible();
  await page.getByRole("link", { name: "Remove filter Status: Completed" }).click();
  await expect(page.getByRole("link", { name: "Remove filter Status: Completed" })).toHaveCount(0);
  await expect(page.getByRole("list", { name: "Runs by state" }).getByRole("link", { name: /succeeded$/ }).last()).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);

  const name = `Northwind ${Date.now()}`;
  await page.getByText("Save this view").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("For the whole team").check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/tenant=\d+&view=\d+/);
  await expect(page.getByRole("navigation", { name: "Saved views" }).getByRole("link", { name })).toBeVisible();
  const view = new URL(page.url()).searchParams.get("view");

  const other = await secondBrowser.newPage();
  await signIn(other, undefined, "/tenants");
  await other.goto(`/runs?view=${view}`);
  await expect(other.getByRole("link", { name: "Remove filter Tenant: Northwind" })).toBeVisible();
  await hydrated(other);

  const boxes = other.getByRole("checkbox", { name: /^Select / });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await expect(other.getByText("Updates paused while 2 are selected.")).toBeVisible();
  const before = await other.locator("tbody tr").first().getAttribute("data-run-id");
  // Something new elsewhere is not announced before the selection is given up.
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expect(page.locator("main [data-status]").first()).toHaveAttribute("data-status", "completed", { timeout: 45_000 });
  await expect(other.getByRole("button", { name: /new run/ })).toHaveCount(0);
  expect(await other.locator("tbody tr").first().getAttribute("data-run-id")).toBe(before);
  await boxes.nth(1).uncheck();
  await boxes.nth(0).uncheck();
  await expect(other.getByRole("button", { name: "1 new run", exact: true })).toBeVisible();

  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await other.getByRole("button", { name: "Run again" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Run 2 runs again" })).toBeVisible();
  await expect(other.getByText("Northwind 2")).toBeVisible();
  await expectAccessible(other);
  await expectFitsPhone(other);
  await other.getByRole("button", { name: "Start 2 runs" }).click();
  await expect(other.getByText("2 started.")).toBeVisible();
  await expectAccessible(other);
  await expectFitsPhone(other);
});

test("a view is renamed, made the default and deleted", async ({ person: page }) => {
  await page.goto("/runs?outcome=failed");
  await hydrated(page);
  await page.getByText("Save this view").click();
  await page.getByLabel("Name", { exact: true }).fill("Trouble");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/view=\d+/);
  await page.getByRole("link", { name: "Saved views" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Saved views" })).toBeVisible();
  await page.getByLabel("New name: Trouble").fill("All trouble");
  await page.getByRole("button", { name: "Rename: Trouble" }).click();
  await expect(page.getByRole("link", { name: "All trouble" })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: "Open by default: All trouble" }).click();
  await expect(page.getByText("It opens where no filter is given.")).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Runs" }).click();
  await expect(page).toHaveURL(/outcome=failed&view=\d+/);
  await page.getByRole("link", { name: "Remove filter Outcome: Failed" }).click();
  await expect(page).toHaveURL(/view=all/);
  await page.goto("/runs/views");
  await page.getByRole("button", { name: "Delete: All trouble" }).click();
  await expect(page.getByRole("link", { name: "All trouble" })).toHaveCount(0);
});

test("filters are typed into the search, and what can't be meant is named", async ({ person: page }) => {
  await page.goto("/runs?view=all");
  await hydrated(page);
  const search = page.getByRole("searchbox", { name: "Text or number" });
  await page.keyboard.press("/");
  await search.fill('tenant:contoso operation:"connection check" last:30d');
  await search.press("Enter");
  await expect(page).toHaveURL(/\/runs\?operation=tenant\.verify&tenant=\d+&last=30d$/);
  await expect(page.getByRole("link", { name: "Remove filter Tenant: Contoso" })).toBeVisible();
  await expect(search).toHaveValue("");
  await search.fill("by:me no such words");
  await search.press("Enter");
  await expect(page).toHaveURL(/mine=1&last=30d&text=no%20such%20words$/);
  await page.goto("/runs?text=tenant%3AContso");
  await expect(page.getByRole("status").filter({ hasText: "tenant: “Contso” is none of Contoso, Fabrikam, Northwind" })).toBeVisible();
  await expect(search).toHaveValue("tenant:Contso");
  await expectAccessible(page);
});

test("everything that matches is selected with one tick, previewed in words and done", async ({ person: page }) => {
  test.slow();
  await finish(page, "Northwind", "Verify connection");
  await finish(page, "Contoso", "Verify connection");
  await page.goto("/runs?operation=tenant.verify&outcome=succeeded");
  await hydrated(page);
  const first = page.getByRole("checkbox", { name: /^Select Connection check/ }).first();
  const all = page.getByRole("checkbox", { name: /^All \d+ on this page$/ });
  await all.check();
  await expect(first).toBeChecked();
  await expect(page.getByText(/^All \d+ on this page are selected\./)).toBeVisible();
  await page.getByRole("checkbox", { name: /^Select everything that matches \(about \d+\)$/ }).check();
  await expect(first).toBeDisabled();
  await expect(page.getByText("Everything that matches is selected, on all pages.")).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: "Export" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Export \d+ runs$/ })).toBeVisible();
  await expect(page.getByText("Everything that matches Outcome: Succeeded · Operation: Connection check.")).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download JSON" }).click();
  const file = await (await download).createReadStream();
  const exported = JSON.parse((await file.toArray()).join("")) as { operation: string }[];
  const rows = await page.getByRole("table", { name: "Runs in the file" }).getByRole("row").count();
  expect(exported.map(({ operation }) => operation)).toEqual(Array(rows - 1).fill("Connection check"));
  await page.goBack();
  await hydrated(page);
  await page.getByRole("checkbox", { name: /^Select everything that matches/ }).check();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Run \d+ runs again$/ })).toBeVisible();
  await expect(page).toHaveURL(/matching=1/);
  expect(page.url()).not.toContain("runs%5B");
  await expect(page.getByText("Everything that matches Outcome: Succeeded · Operation: Connection check.")).toBeVisible();
  await expect(page.getByRole("list", { name: "Runs by tenant and operation" })).toContainText(/Northwind \d+/);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: /^Start \d+ runs$/ }).click();
  await expect(page.getByText(/\d+ started/)).toBeVisible();
});

test("a page whose updates are paused does not move, and catches up when it may follow again", async ({ person: page, context }) => {
  await page.goto("/runs?view=all");
  await hydrated(page);
  const hold = page.getByRole("button", { name: "Pause updates" });
  await expect(hold).toHaveAttribute("aria-pressed", "false");
  await hold.click();
  await expect(hold).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator(".freshness")).toHaveText("paused");
  const other = await context.newPage();
  await finish(other, "Fabrikam", "Verify connection");
  await expect(page.getByRole("button", { name: /new run/ })).toHaveCount(0);
  await hold.click();
  await expect(page.getByRole("button", { name: "1 new run", exact: true })).toBeVisible();
  await expect(page.locator(".freshness")).toHaveText("live");
});

test("what did not succeed last night is one link from the overview", async ({ person: page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "All runs of the last 24 hours that did not succeed" }).click();
  await expect(page.getByRole("link", { name: "Remove filter Outcome: Did not succeed" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Remove filter Created in the last 24 hours" })).toBeVisible();
  await hydrated(page);
  await expect(page.locator("tbody tr[data-outcome=succeeded], tbody tr[data-outcome=pending]")).toHaveCount(0);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a view is saved, and selected runs lead to their preview", async ({ page }) => {
    await signIn(page);
    await openTenant(page, "Contoso");
    await page.getByRole("button", { name: "Verify connection" }).click();
    await page.goto("/runs?operation=tenant.verify");
    await page.getByText("Save this view").click();
    await page.getByLabel("Name", { exact: true }).fill("Checks");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("navigation", { name: "Saved views" }).getByRole("link", { name: /^Checks/ })).toBeVisible();
    await page.getByText("Save this view").click();
    await page.getByLabel("Name", { exact: true }).fill("checks");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByText("you have a view named “checks” already")).toBeVisible();
    await page.getByRole("checkbox", { name: /^Select everything that matches/ }).check();
    await page.getByRole("button", { name: "Run again" }).click();
    await expect(page.getByText("Everything that matches Operation: Connection check.")).toBeVisible();
    await page.goBack();
    await page.getByRole("checkbox", { name: /^Select everything that matches/ }).uncheck();
    await page.getByRole("checkbox", { name: /^Select Connection check/ }).first().check();
    await page.getByRole("button", { name: "Notify me" }).click();
    await expect(page.getByRole("heading", { level: 1, name: /^(Be notified of 1 run|None of the selected runs can be followed)$/ })).toBeVisible();
  });
});
