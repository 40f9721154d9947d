// What a backup keeps over time: versions that can be compared, and schedules that make more of them.
import { addPolicy, changePolicy, expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, test } from "../fixtures.ts";
import { backUpKind } from "../restoring.ts";

test.beforeEach(healAll);

test("a policy that changed is captured again, and its versions are compared", async ({ person: page }) => {
  const name = "Journey: a policy that changes";
  const type = "#microsoft.graph.windows10GeneralConfiguration";
  const id = await addPolicy("Contoso", "deviceConfigurations", { "@odata.type": type, displayName: name, passwordMinimumLength: 6 });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await backUpKind(page, "Contoso", "Device configurations");
  await page.getByRole("link", { name: "Change and run again" }).click();
  await expect(page.getByLabel("Device configurations", { exact: true })).toBeChecked();
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(1);

  await changePolicy("Contoso", id, { passwordMinimumLength: 12 });
  await openTenant(page, "Contoso");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await page.getByRole("link", { name: /^Device configurations/ }).first().click();
  const set = page.url();
  await page.getByRole("link", { name: "Add policies" }).click();
  await page.getByLabel("Name contains").fill(name);
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByLabel(name).check();
  await page.getByRole("button", { name: "Add policies" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");

  await page.goto(`${set}?text=${encodeURIComponent(name)}`);
  await page.getByRole("link", { name }).click();
  await expect(page.locator("table.history [aria-current=page]")).toBeVisible();
  await page.getByRole("button", { name: /^Compare/ }).click();
  const changed = page.getByRole("row", { name: /password.*minimum.*length/i });
  await expect(changed).toContainText("6");
  await expect(changed).toContainText("12");
  await expect(page.locator("[data-differences]")).toHaveAttribute("data-differences", "1");
  await expectAccessible(page);
  await expectFitsPhone(page);
});

test("a schedule is made, run now, paused and deleted", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Schedules", exact: true }).click();
  await hydrated(page);
  await page.getByLabel("Name", { exact: true }).fill("Nightly");
  await page.getByLabel("Time zone").fill("Nowhere/Nothing");
  await page.getByRole("button", { name: "Make schedule" }).click();
  await expect(page.getByRole("status").getByText(/time zone|Nowhere/i)).toBeVisible();
  await page.getByLabel("Time zone").fill("Europe/Berlin");
  await page.getByText("Only some kinds").click();
  await page.getByLabel("Scope tags", { exact: true }).check();
  await page.getByRole("button", { name: "Make schedule" }).click();
  const row = page.getByRole("row", { name: /Nightly/ });
  await expect(row).toContainText("Europe/Berlin");
  await expect(row.locator("time").first()).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);

  await page.getByRole("button", { name: "Run now: Nightly" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await page.goBack();
  await expect(row).toContainText("1 of 30");
  await page.getByRole("button", { name: "Pause: Nightly" }).click();
  await expect(row).toContainText("paused");
  await page.getByRole("button", { name: "Delete: Nightly" }).click();
  await expect(row).toHaveCount(0);
});
