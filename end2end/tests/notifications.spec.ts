// The bell: one message when a run is queued, one when it ends, read by opening the run.
import { expect, expectEnded, healAll, hydrated, openTenant, readAll, test } from "../fixtures.ts";

test.beforeEach(healAll);

test("the bell tells of the queueing and of the end, and opening the run reads both", async ({ person: page }) => {
  await page.goto("/notifications");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await readAll(page);
  await expect(page.getByRole("link", { name: /^Notifications/ })).not.toContainText(/\d/);

  await openTenant(page, "Northwind");
  await hydrated(page);
  await page.getByRole("button", { name: "Verify connection" }).click();
  const view = page.getByRole("link", { name: "View run" });
  const run = await view.getAttribute("href");
  await expect(page.getByRole("link", { name: /Notifications, 2 unread/ })).toBeVisible();

  await page.getByRole("link", { name: /^Notifications/ }).click();
  const list = page.getByRole("main");
  await expect(list.getByText("Connection check for Northwind: queued").first()).toBeVisible();
  await expect(list.getByText("Connection check for Northwind: succeeded").first()).toBeVisible();

  await page.goto(run!);
  await expectEnded(page, "succeeded");
  await expect(page.getByRole("link", { name: /^Notifications/ })).not.toContainText(/\d/);
});

test("one line of the list is marked read by itself", async ({ person: page }) => {
  await page.goto("/notifications");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await readAll(page);
  await openTenant(page, "Northwind");
  await hydrated(page);
  await page.getByRole("button", { name: "Verify connection" }).click();
  await expect(page.getByRole("link", { name: /Notifications, 2 unread/ })).toBeVisible();
  await page.goto("/notifications");
  await page.getByRole("button", { name: /^Mark read: Connection check for Northwind/ }).first().click();
  await expect(page.getByRole("button", { name: /^Mark read/ })).toHaveCount(0);
  await expect(page.getByRole("link", { name: /^Notifications/ })).not.toContainText(/\d/);
});
