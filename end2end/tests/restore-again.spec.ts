// How a restore ends, and how it goes on: run again, called off half-way, held up by an outage that passes.
import { answeredWith, askGraph, changePolicy, expect, expectEnded, healAll, hydrated, policiesNamed, setFaults, test } from "../fixtures.ts";
import { addScript, backUpScripts, beginRestore, expectRestore, namesOf, preview, SCRIPT_PATH } from "../restoring.ts";
import type { Page } from "@playwright/test";

test.beforeEach(healAll);
test.afterAll(healAll);

const execute = (page: Page) => page.getByRole("button", { name: "Execute restore" }).click();
const runOf = (page: Page) => page.locator("#result a[data-run-id]");

/** Which versions of policies the restore is of. */
async function versionsOf(page: Page): Promise<(string | null)[]> {
  const rows = await page.locator("tr[data-version-id]").all();
  return (await Promise.all(rows.map((row) => row.getAttribute("data-version-id")))).sort();
}

async function runAgain(page: Page): Promise<void> {
  const earlier = page.url();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page).not.toHaveURL(earlier);
  await expectRestore(page, "scoped");
}

test("run again makes a new restore of the same policies, which brings back what changed since", async ({ person: page }) => {
  test.slow();
  await addScript("Contoso", "Again: left alone");
  await addScript("Contoso", "Again: changed by somebody");
  await backUpScripts(page, "Contoso");
  await beginRestore(page, "Northwind", "Again: ", 2, false);
  await preview(page);
  await execute(page);
  await expectRestore(page, "completed");
  const [first, scope] = [page.url(), await versionsOf(page)];
  const run = await runOf(page).getAttribute("data-run-id");
  expect(scope).toHaveLength(2);

  await runAgain(page);
  expect(await versionsOf(page)).toEqual(scope);
  await expect(page.getByText(/^2 policies · without assignments/)).toBeVisible();
  const [changed] = await policiesNamed("Northwind", "Again: changed");
  await changePolicy("Northwind", changed!.id, { fileName: "b.sh" });
  await preview(page);
  await expect(page.locator("tr[data-action=update]")).toContainText("Again: changed by somebody");
  await expect(page.locator("tr[data-action=unchanged]")).toContainText("Again: left alone");
  await page.getByLabel(/^Type the tenant's name/).fill("Northwind");
  await execute(page);
  await expectRestore(page, "completed");
  expect(await askGraph("Northwind", `${SCRIPT_PATH}/${changed!.id}`)).toMatchObject({ fileName: "a.sh" });
  expect(await policiesNamed("Northwind", "Again: ")).toHaveLength(2);

  await runOf(page).click();
  await expectEnded(page, "succeeded");
  await expect(page.locator("[data-related=Repeats]")).toHaveAttribute("data-run-id", run!);
  await page.goto(first);
  await expectRestore(page, "completed");
});

test("a restore that is called off stops writing, says what it wrote, and its rest can be done later", async ({ person: page }) => {
  test.slow();
  const all = Array.from({ length: 8 }, (_, index) => `Called off: script ${index + 1}`);
  for (const name of all) await addScript("Contoso", name);
  await backUpScripts(page, "Contoso");
  await beginRestore(page, "Northwind", "Called off: ", all.length, false);
  await preview(page);
  await setFaults("Northwind", { delayMs: 700 });
  await execute(page);
  await expect(page.locator("tr[data-state=succeeded]").first()).toBeVisible();
  await page.getByText("Abort …").click();
  await page.getByRole("button", { name: "Abort this restore" }).click();
  await expectRestore(page, "aborted");
  await healAll();
  await expect(page.locator("[data-restore-id] .run-state")).toHaveText("Aborted");
  await expect(page.getByText("Abort …")).toHaveCount(0);

  const written = await namesOf(page, "tr[data-state=succeeded]");
  const interrupted = await namesOf(page, "tr[data-state=writing]");
  const left = [...(await namesOf(page, "tr[data-state=pending]")), ...interrupted].sort();
  expect([...written, ...left].sort()).toEqual(all);
  expect(written.length).toBeGreaterThan(0);
  expect(interrupted.length).toBeLessThanOrEqual(1);
  await expect(page.getByText("Being written")).toHaveCount(0);
  const aborted = page.url();
  await runOf(page).click();
  await expectEnded(page, "failed");
  await expect(page.locator("[data-count=total]")).toHaveText(String(all.length));
  await expect(page.locator("[data-count=success]")).toHaveText(String(written.length));
  await expect(page.getByRole("region", { name: "Items" }).locator("tbody tr")).toHaveCount(written.length);
  await expect(page.getByText(/^Called off by .* not restored: /)).toBeVisible();
  await expect(page.getByText("Nobody must act")).toBeVisible();
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("TenantAtlas failed")).toHaveCount(0);

  await page.goto(aborted);
  await hydrated(page);
  await page.getByRole("button", { name: `Restore the ${left.length} that are left` }).click();
  await expect(page).not.toHaveURL(aborted);
  await expectRestore(page, "scoped");
  await preview(page);
  expect(await namesOf(page, "tr[data-action]")).toEqual(left);
  await execute(page);
  await expectRestore(page, "completed");
  const there = (await policiesNamed("Northwind", "Called off: ")).map(({ name }) => name).sort();
  expect(there).toEqual(all);
});

test("an outage that passes by itself holds a restore up and costs it nothing", async ({ person: page }) => {
  test.slow();
  await addScript("Contoso", "Outage: a script");
  await backUpScripts(page, "Contoso");
  await beginRestore(page, "Northwind", "Outage: ", 1, false);
  const before = await answeredWith(503);
  await setFaults("Northwind", { unavailable: 2 });
  await preview(page);
  expect(await answeredWith(503)).toBe(before + 2);
  await setFaults("Northwind", { unavailable: 3 });
  await execute(page);
  await expectRestore(page, "completed");
  expect(await answeredWith(503)).toBe(before + 5);
  await expect(page.locator("tr[data-state=succeeded]")).toContainText("Outage: a script");
  expect(await policiesNamed("Northwind", "Outage: ")).toHaveLength(1);
  await runOf(page).click();
  await expectEnded(page, "succeeded");
});
