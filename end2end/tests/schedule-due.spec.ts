// A schedule that is due starts by itself, once, and whoever looks at it sees it happen.
import { expect, expectEnded, healAll, hydrated, openTenant, test } from "../fixtures.ts";
import type { Page } from "@playwright/test";

const NAME = "Due by itself";
const MINUTE = 60_000;

test.beforeEach(healAll);

// A schedule of every minute must not outlive this, however it ends.
test.afterEach(async ({ page }) => {
  await openTenant(page, "Fabrikam");
  await page.getByRole("link", { name: "Schedules", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Backup schedules of Fabrikam" })).toBeVisible();
  const left = page.getByRole("button", { name: `Delete: ${NAME}` });
  if ((await left.count()) > 0) await left.click();
  await expect(left).toHaveCount(0);
});

async function scheduledRuns(page: Page, tenant: string): Promise<number> {
  await page.goto(`/runs?operation=backup_schedule.run&tenant=${tenant}`);
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await expect(page.getByText("Loading …")).toHaveCount(0);
  return page.locator("tbody tr[data-run-id]").count();
}

test("a schedule runs at its minute, once, and the page tells without being reloaded", async ({ person: page, context }) => {
  test.slow();
  await openTenant(page, "Fabrikam");
  const tenant = new URL(page.url()).pathname.split("/")[2]!;
  const other = await context.newPage();
  const before = await scheduledRuns(other, tenant);
  await page.getByRole("link", { name: "Schedules", exact: true }).click();
  await hydrated(page);
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  await page.getByRole("combobox", { name: "How often" }).selectOption("cron");
  await page.getByLabel(/^Cron expression/).fill("* * * * *");
  await page.getByText("Only some kinds").click();
  await page.getByLabel("Scope tags", { exact: true }).check();
  // The minute is not to turn between the press and the look at the answer.
  await expect.poll(() => Date.now() % MINUTE, { timeout: MINUTE }).toBeLessThan(45_000);
  const pressed = Date.now();
  await page.getByRole("button", { name: "Make schedule" }).click();
  const row = page.getByRole("row", { name: NAME });
  await expect(row).toContainText("never");
  const due = Date.parse((await row.locator("time").getAttribute("datetime"))!);
  expect(due).toBe(Math.ceil(pressed / MINUTE) * MINUTE);

  await page.evaluate(() => Object.assign(window, { neverReloaded: true }));
  const link = row.getByRole("link", { name: "View run" });
  await expect(link).toBeVisible({ timeout: 75_000 });
  const [seen, run] = [Date.now(), await link.getAttribute("href")];
  expect(seen).toBeGreaterThanOrEqual(due);
  expect(seen).toBeLessThan(due + 15_000);
  expect(Date.parse((await row.locator("time").getAttribute("datetime"))!)).toBe(due + MINUTE);
  await page.getByRole("button", { name: `Pause: ${NAME}` }).click();
  await expect(row).toContainText("paused");
  await expect(row).toContainText("Succeeded");
  await expect(row).toContainText("1 of 30");
  await expect(link).toHaveAttribute("href", run!);
  expect(await page.evaluate(() => "neverReloaded" in window)).toBe(true);

  expect(await scheduledRuns(other, tenant)).toBe(before + 1);
  await other.goto(run!);
  await expectEnded(other, "succeeded");
  await expect(other.getByText(/started by System/)).toBeVisible();
  await other.goto(`/tenants/${tenant}/backups`);
  const minute = new Date(due).toISOString().slice(0, 16).replace("T", " ");
  await expect(other.getByRole("link", { name: new RegExp(`^${NAME}, `) })).toHaveText([`${NAME}, ${minute} UTC`]);

  await page.getByRole("button", { name: `Delete: ${NAME}` }).click();
  await expect(row).toHaveCount(0);
});
