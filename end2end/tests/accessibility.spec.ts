// Every page holds the accessibility rules, light and dark, wide and narrow, and fits a phone.
import { expect, expectAccessible, expectFitsPhone, healAll, test } from "../fixtures.ts";

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
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`no violation in ${colorScheme}`, async ({ person: page }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of pages) {
      await page.goto(path);
      await expectAccessible(page);
    }
  });
}

test("nothing is cut off at 320 pixels", async ({ person: page }) => {
  for (const path of pages) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectFitsPhone(page);
  }
});
