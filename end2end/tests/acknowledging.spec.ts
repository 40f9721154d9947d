// A failure that somebody looks after: acknowledged with a note, quiet for everybody, resolved by a success, loud when it comes back.
import type { Page } from "@playwright/test";

import {
  createPerson,
  expect,
  expectAccessible,
  expectEnded,
  expectFitsPhone,
  healAll,
  hydrated,
  openTenant,
  setFaults,
  signIn,
  test,
  watch,
} from "../fixtures.ts";

test.beforeEach(healAll);
test.afterAll(healAll);

const MISSING = "Permission missing";

/** Lets an inventory sync of the tenant end so. */
async function sync(page: Page, tenant: string, outcome: "succeeded" | "partially_succeeded"): Promise<void> {
  await setFaults(tenant, outcome === "succeeded" ? {} : { forbiddenKinds: ["deviceManagementScripts"] });
  await openTenant(page, tenant);
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, outcome);
}

/** What stands on the overview of this operation on one tenant and one way to fail. */
function trouble(page: Page, tenant: string) {
  const of = `Inventory sync for ${tenant}, ${MISSING}`;
  const section = page.getByRole("region", { name: "Needs someone" });
  return {
    line: section.getByRole("listitem").filter({ hasText: `Inventory sync for ${tenant}` }).last(),
    open: section.getByLabel(`Acknowledge …: ${of}`),
    note: section.getByRole("textbox", { name: `Note: ${of}` }),
    press: section.getByRole("button", { name: `Acknowledge: ${of}` }),
    takeBack: section.getByRole("button", { name: `Take back: ${of}` }),
    quiet: section.getByText(/^\d+ acknowledged$/),
  };
}

test("one acknowledges, a colleague sees it at once, a success resolves it, and it comes back", async ({
  person: page,
  secondBrowser,
}) => {
  test.setTimeout(180_000);
  await openTenant(page, "Northwind");
  const tenant = new URL(page.url()).pathname.split("/")[2]!;
  await sync(page, "Northwind", "partially_succeeded");
  await page.goto("/");
  const mine = trouble(page, "Northwind");
  await expect(mine.line).toContainText("the app needs DeviceManagementScripts.Read.All");
  await mine.line.getByRole("link", { name: /failed item/ }).click();
  await expect(page).toHaveURL(/items_code=graph\.forbidden#items$/);
  await expect(page.getByRole("region", { name: "Items" }).locator("tbody tr").first()).toContainText("Scripts.Read.All");

  const colleague = await secondBrowser.newPage();
  const problems = watch(colleague);
  await signIn(colleague, createPerson("Nora", [`${tenant}=operator`]), "/");
  await hydrated(colleague);
  const theirs = trouble(colleague, "Northwind");
  await expect(theirs.open).toBeVisible();

  await page.goto("/");
  await hydrated(page);
  await mine.open.click();
  await mine.note.fill("Waiting for the customer's admin, ticket 4711");
  await expectAccessible(page);
  await expectFitsPhone(page);
  await mine.press.click();
  await expect(page.getByRole("status").filter({ hasText: "Acknowledged." })).toBeVisible();
  await expect(mine.press).toHaveCount(0);

  await expect(theirs.open).toHaveCount(0);
  await theirs.quiet.click();
  await expect(theirs.line).toContainText("Acknowledged by");
  await expect(theirs.line).toContainText("ticket 4711");
  for (const [colorScheme, width] of [["light", 1280], ["dark", 390]] as const) {
    await colleague.emulateMedia({ colorScheme });
    await colleague.setViewportSize({ width, height: 800 });
    await expectAccessible(colleague);
    await expectFitsPhone(colleague);
  }

  // Another failure of the same kind changes nothing of that; a success ends it.
  await sync(page, "Northwind", "partially_succeeded");
  await page.goto("/");
  await expect(mine.open).toHaveCount(0);
  await sync(page, "Northwind", "succeeded");
  await expect(theirs.takeBack).toHaveCount(0);
  await sync(page, "Northwind", "partially_succeeded");
  await expect(theirs.line).toContainText(/Came back: was acknowledged by .+ on .+, resolved on/);
  await expectAccessible(colleague);
  await expectFitsPhone(colleague);
  await theirs.open.click();
  await theirs.press.click();
  // What they have opened is still open.
  await theirs.takeBack.click();
  await expect(colleague.getByRole("status").filter({ hasText: "Taken back" })).toBeVisible();
  await expect(theirs.open).toBeVisible();
  expect(problems).toEqual([]);
  await sync(page, "Northwind", "succeeded");
});

test("a note that is being written stays with its line while others fail", async ({ person: page, secondBrowser }) => {
  test.setTimeout(120_000);
  await sync(page, "Northwind", "partially_succeeded");
  await page.goto("/");
  await hydrated(page);
  const mine = trouble(page, "Northwind");
  await mine.open.click();
  await mine.note.fill("for Northwind");
  const other = await secondBrowser.newPage();
  await signIn(other);
  await sync(other, "Fabrikam", "partially_succeeded");
  const fabrikam = trouble(page, "Fabrikam");
  await expect(fabrikam.open).toBeVisible();
  await expect(mine.note).toHaveValue("for Northwind");
  await expect(fabrikam.note).toBeHidden();

  // Both at once.
  const section = page.getByRole("region", { name: "Needs someone" });
  await expect(section.getByRole("link", { name: /^Retry all \d+ …: Permission missing/ })).toHaveAttribute("href", /runs\[1\]=\d+/);
  await section.getByLabel(/^Acknowledge all \d+ …: Permission missing/).click();
  await section.getByRole("button", { name: /^Acknowledge all \d+: Permission missing/ }).click();
  await expect(mine.open).toHaveCount(0);
  await expect(fabrikam.open).toHaveCount(0);
  await mine.quiet.click();
  await expect(mine.takeBack).toBeVisible();
  await expect(fabrikam.takeBack).toBeVisible();
  await sync(page, "Northwind", "succeeded");
  await sync(page, "Fabrikam", "succeeded");
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("acknowledging and taking that back", async ({ page }) => {
    await signIn(page);
    await setFaults("Northwind", { forbiddenKinds: ["deviceManagementScripts"] });
    await openTenant(page, "Northwind");
    await page.getByRole("button", { name: "Sync inventory" }).click();
    const mine = trouble(page, "Northwind");
    await expect(async () => {
      await page.goto("/");
      await expect(mine.open).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 45_000 });
    await mine.open.click();
    await mine.note.fill("ticket 4712");
    await mine.press.click();
    await expect(page.getByText("Acknowledged. It stands below")).toBeVisible();
    await mine.quiet.click();
    await expect(mine.line).toContainText("ticket 4712");
    await mine.takeBack.click();
    await expect(page.getByText("Taken back: it needs someone again.")).toBeVisible();
    await expect(mine.open).toBeVisible();
    await setFaults("Northwind", {});
    await openTenant(page, "Northwind");
    await page.getByRole("button", { name: "Sync inventory" }).click();
    await expect(async () => {
      await page.goto("/");
      await expect(mine.open).toHaveCount(0, { timeout: 500 });
    }).toPass({ timeout: 45_000 });
  });
});
