// The bell: one message when a run is queued, one when it ends, read by opening the run.
import { createPerson, expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, readAll, signIn, test } from "../fixtures.ts";

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

test("nothing moves away under a pointer that aims at it", async ({ person: page }) => {
  await page.goto("/notifications");
  await readAll(page);
  await openTenant(page, "Northwind");
  await hydrated(page);
  await page.getByRole("button", { name: "Verify connection" }).click();
  await expect(page.getByRole("link", { name: /Notifications, 2 unread/ })).toBeVisible();
  await page.goto("/notifications");
  await hydrated(page);
  const first = page.locator("main .notifications > li a").first();
  const place = await first.boundingBox();
  const run = await first.getAttribute("href");
  let step = 0;
  const aim = async () => page.mouse.move(place!.x + 4 + (step++ % 2), place!.y + 4);
  await aim();

  const other = await page.context().newPage();
  await openTenant(other, "Northwind");
  await hydrated(other);
  await other.getByRole("button", { name: "Verify connection" }).click();
  await expect(async () => {
    await aim();
    await expect(other.getByRole("link", { name: /Notifications, 4 unread/ })).toBeVisible({ timeout: 200 });
  }).toPass();
  await other.goto("/notifications");
  await aim();
  await expect(other.locator("main .notifications > li a").first()).not.toHaveAttribute("href", run!);
  expect(await first.getAttribute("href")).toBe(run);
  expect(await first.boundingBox()).toEqual(place);

  await page.mouse.move(1, 1);
  await expect(first).not.toHaveAttribute("href", run!);
  await expect(page.getByRole("link", { name: /Notifications, 4 unread/ })).toBeVisible();
});

test("who watches a saved view is told of a run that somebody else started, until they stop", async ({ person: page, secondBrowser }) => {
  test.slow();
  await openTenant(page, "Northwind");
  const tenant = page.url().split("/").pop()!;
  await page.goto(`/runs?operation=tenant.verify&tenant=${tenant}`);
  await hydrated(page);
  const name = `Watched ${Date.now()}`;
  await page.getByText("Save this view").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/view=\d+/);
  await page.getByRole("button", { name: `Tell me about new ones: ${name}` }).click();
  await expect(page.getByRole("button", { name: `Stop telling me: ${name}` })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.goto("/notifications");
  await readAll(page);

  const other = await secondBrowser.newPage();
  await signIn(other, createPerson("Olga", [`${tenant}=operator`]));
  await openTenant(other, "Northwind");
  await other.getByRole("button", { name: "Verify connection" }).click();
  await other.getByRole("link", { name: "View run" }).click();
  await expectEnded(other, "succeeded");

  await page.goto("/");
  await hydrated(page);
  await expect(page.getByRole("link", { name: /Notifications, 1 unread/ })).toBeVisible();
  await page.getByRole("link", { name: /^Notifications/ }).click();
  await page.getByRole("main").getByRole("link", { name: `Connection check for Northwind: succeeded (in “${name}”)` }).click();
  await expectEnded(page, "succeeded");
  await expect(page.getByRole("link", { name: /^Notifications/ })).not.toContainText(/\d/);

  await page.goto("/runs/views");
  await page.getByRole("button", { name: `Stop telling me: ${name}` }).click();
  await expect(page.getByRole("button", { name: `Tell me about new ones: ${name}` })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test("whoever looks elsewhere when their run ends is told in words, until they open it", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await hydrated(page);
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await expect(page.getByRole("link", { name: "View run" })).toBeVisible();
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit log" })).toBeVisible();
  const told = page.getByRole("status").filter({ hasText: "Inventory sync for Northwind: succeeded" });
  await expect(told.getByRole("paragraph")).toBeInViewport({ timeout: 45_000 });
  await expectAccessible(page);
  await told.getByRole("link", { name: "Look at it" }).click();
  await expectEnded(page, "succeeded");
  await expect(page.getByRole("link", { name: "Look at it" })).toHaveCount(0);
});
