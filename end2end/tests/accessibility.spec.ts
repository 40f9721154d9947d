// Every page holds the accessibility rules, light and dark, wide and narrow, and fits a phone.
import { AxeBuilder } from "@axe-core/playwright";

import { expect, healAll, test } from "../fixtures.ts";

test.beforeEach(healAll);

const pages = ["/", "/runs", "/runs?status=queued", "/notifications", "/tenants", "/tenants/1", "/tenants/1/inventory", "/tenants/1/groups"];

for (const colorScheme of ["light", "dark"] as const) {
  test(`no violation in ${colorScheme}`, async ({ person: page }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of pages) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [path, id, nodes.map((node) => node.html)])).toEqual([]);
    }
  });
}

test("nothing is cut off at 320 pixels", async ({ person: page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of pages) {
    await page.goto(path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
});
