// Starting operations and watching them run, live, in one browser and in two.
import { createPerson, expect, expectEnded, healAll, holdAnswers, hydrated, openTenant, runState, signIn, test, watch } from "../fixtures.ts";

test.beforeEach(healAll);

test("a sync is started, watched without a reload, and its policies are listed", async ({ person: page, secondBrowser }) => {
  await holdAnswers("Contoso");
  await openTenant(page, "Contoso");
  await hydrated(page);
  await page.getByRole("button", { name: "Sync inventory" }).click();
  const answer = page.getByRole("status").filter({ hasText: "Inventory sync queued" });
  await expect(answer).toBeVisible();
  // The link that somebody is about to press stays the same one while the page is told anew.
  const link = answer.getByRole("link", { name: "View run" });
  const node = await link.elementHandle();
  await expect(answer).toContainText("It is running.");
  expect(await link.evaluate((now, before) => now === before, node)).toBe(true);
  await link.click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1, name: "Inventory sync for Contoso" })).toBeVisible();

  const second = await secondBrowser.newPage();
  const problems = watch(second);
  await signIn(second);
  await second.goto(page.url());
  for (const open of [page, second]) await open.evaluate(() => Object.assign(window, { neverReloaded: true }));
  for (const open of [page, second]) await expect(runState(open)).toHaveAttribute("data-status", "running");
  await healAll();
  for (const open of [page, second]) {
    await expectEnded(open, "succeeded");
    expect(await open.evaluate(() => "neverReloaded" in window)).toBe(true);
  }
  expect(problems).toEqual([]);

  await openTenant(page, "Contoso");
  await page.getByRole("main").getByRole("link", { name: /inventory/i }).first().click();
  await expect(page).toHaveURL(/\/inventory$/);
  const rows = page.getByRole("row");
  await expect.poll(() => rows.count()).toBeGreaterThan(50);
  await expect(page.getByRole("columnheader", { name: "Kind" })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Platform" })).toBeVisible();
});

test("a tab that nobody looks at asks for nothing that it does not tell, and catches up", async ({ person: page, secondBrowser }) => {
  await holdAnswers("Contoso");
  await page.goto("/");
  await hydrated(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const look = (state: "hidden" | "visible") =>
    page.evaluate((value) => {
      Object.defineProperty(document, "visibilityState", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await look("hidden");

  const second = await secondBrowser.newPage();
  await signIn(second);
  await openTenant(second, "Contoso");
  await second.getByRole("button", { name: "Sync directory groups" }).click();
  const run = (await second.getByRole("link", { name: "View run" }).getAttribute("href"))!.split("/").at(-1);
  // The frame goes on: what it asks shows that the change came through.
  const askedFor = (what: RegExp) => asked.filter((path) => what.test(path)).length;
  await expect.poll(() => askedFor(/\/api\/frame/)).toBeGreaterThan(0);
  expect(askedFor(/\/api\/overview/)).toBe(0);
  const shown = page.locator(`main [data-run-id="${run}"]`).first();
  await expect(shown).toHaveCount(0);
  await look("visible");
  await expect(shown).toBeVisible();
  expect(askedFor(/\/api\/overview/)).toBeGreaterThan(0);
});

test("a second sync finds everything unchanged", async ({ person: page }) => {
  for (const round of [1, 2]) {
    await openTenant(page, "Northwind");
    await page.getByRole("button", { name: "Sync inventory" }).click();
    await page.getByRole("link", { name: "View run" }).click();
    await expectEnded(page, "succeeded");
    if (round === 2) {
      await expect(page.getByText(/\d+ unchanged/).first()).toBeVisible();
      await expect(page.getByText(/(^|\D)0 succeeded/).first()).toBeVisible();
    }
  }
});

test("pressing again while it is active leads to the same run, for somebody else too", async ({ person: page, secondBrowser }) => {
  await holdAnswers("Fabrikam");
  await openTenant(page, "Fabrikam");
  await hydrated(page);
  await page.getByRole("button", { name: "Sync directory groups" }).click();
  const link = page.getByRole("link", { name: "View run" });
  const first = await link.getAttribute("href");

  await openTenant(page, "Fabrikam");
  await hydrated(page);
  await page.getByRole("button", { name: "Sync directory groups" }).click();
  await expect(page.getByText("Already running, started by you")).toBeVisible();

  const tenant = new URL(page.url()).pathname.split("/")[2]!;
  const second = await secondBrowser.newPage();
  await signIn(second, createPerson("Sigrid", [`${tenant}=operator`]));
  await openTenant(second, "Fabrikam");
  await hydrated(second);
  await second.getByRole("button", { name: "Sync directory groups" }).click();
  const answer = second.getByRole("status").filter({ hasText: "Already running, started by" });
  await expect(answer).toBeVisible();
  await expect(answer).toContainText("Demo Administrator");
  expect(await answer.getByRole("link", { name: "View run" }).getAttribute("href")).toBe(first);
  await healAll();
  await link.click();
  await expectEnded(page, "succeeded");
});

test("groups are cached and searched by name", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Sync directory groups" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await openTenant(page, "Northwind");
  await page.getByRole("main").getByRole("link", { name: /groups/i }).first().click();
  await expect(page).toHaveURL(/\/groups$/);
  await expect.poll(() => page.getByRole("row").count()).toBeGreaterThan(20);
});

test("the connection is verified", async ({ person: page }) => {
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
});
