// Every page holds the accessibility rules, light and dark, wide and narrow, and fits a phone.
import { expect, expectAccessible, expectEnded, expectFitsPhone, healAll, hydrated, openTenant, test } from "../fixtures.ts";

test.beforeEach(healAll);

const pages = [
  "/",
  "/runs",
  "/runs?status=queued",
  "/notifications",
  "/queues",
  "/settings",
  "/audit",
  "/audit?result=refused&from=2020-01-01&to=2020-01-02",
  "/runs?text=inventory",
  "/tenants",
  "/tenants/1",
  "/tenants/1/members",
  "/tenants/1/inventory",
  "/tenants/1/groups",
  "/tenants/1/rbac",
  "/tenants/1/backups",
  "/tenants/1/schedules",
  "/tenants/1/restores",
  "/tenants/1/restores/new",
  "/tenants/1/backups/import",
  "/runs/views",
  "/runs/bulk",
  "/runs/export?matching=1",
  "/runs/99999999",
  "/no-such-page",
];

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]] as const) {
  test(`no violation in ${colorScheme} at ${width} pixels`, async ({ person: page }) => {
    test.setTimeout(120_000);
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await openTenant(page, "Contoso");
    await page.getByRole("button", { name: "Verify connection" }).click();
    await page.getByRole("link", { name: "View run" }).click();
    await expectEnded(page, "succeeded");
    await expectAccessible(page);
    for (const path of pages) {
      await page.goto(path);
      await expectAccessible(page);
    }
  });
}

test("signing in breaks no rule either", async ({ page }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto("/login");
    await expectAccessible(page);
    await expectFitsPhone(page);
  }
});

test("nothing is cut off at 320 pixels", async ({ person: page }) => {
  for (const path of pages) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectFitsPhone(page);
  }
});

test("scripts take over each page as it was sent, without an error", async ({ person: page }) => {
  await page.goto("/tenants/1");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await expect(page.getByRole("link", { name: "View run" })).toBeVisible();
  const [answered, run] = [page.url(), (await page.getByRole("link", { name: "View run" }).getAttribute("href"))!];
  for (const path of [...pages, answered, run]) {
    await page.goto(path);
    await hydrated(page);
  }
});

test("nothing moves for who asked for less motion", async ({ person: page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  await hydrated(page);
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().duration) > 1).length,
  );
  expect(moving).toBe(0);
});
