// One run's page: the items behind its counts, retrying just what failed, joining a run that somebody else started.
import {
  createPerson,
  expect,
  expectAccessible,
  expectEnded,
  expectFitsPhone,
  healAll,
  holdAnswers,
  hydrated,
  openTenant,
  setFaults,
  signIn,
  test,
} from "../fixtures.ts";

test.beforeEach(healAll);
test.afterAll(healAll);

test("the items behind the counts are listed, and just those that failed are retried as a linked run", async ({ person: page }) => {
  await setFaults("Contoso", { forbiddenKinds: ["deviceManagementScripts"] });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "partially_succeeded");
  const run = new URL(page.url()).pathname;
  const items = page.getByRole("region", { name: "Items" });
  await page.getByRole("link", { name: "Items that failed this way" }).click();
  await expect(page).toHaveURL(/items=failed&items_code=graph\.forbidden/);
  await expect(items.getByRole("row")).toHaveCount(2);
  await page.goto(run);
  await items.getByRole("combobox", { name: "Items" }).selectOption("failed");
  await items.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/items=failed/);
  await expect(items.getByRole("row")).toHaveCount(2);
  await expect(items.getByRole("row").last()).toContainText("DeviceManagementScripts.Read.All");
  const step = page.getByRole("region", { name: /^Timeline/ }).getByRole("listitem").filter({ hasText: "Platform scripts" });
  await expect(step).toContainText("1 item failed");
  await expectAccessible(page);
  await expectFitsPhone(page);

  await healAll();
  await page.getByRole("button", { name: "Sync Platform scripts again" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Inventory sync queued." })).toBeVisible();
  // The old run's page, still open, hears of the new one and of its end.
  await expect(page.getByRole("region", { name: "Related runs" }).getByText("Repeated by")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "It has ended: succeeded." })).toBeVisible({ timeout: 45_000 });
  await expect(page.locator("[data-related='Repeated by'] [data-outcome=succeeded]")).toBeVisible();
  await expect(page.getByText(/^Put right since: run \d+ did it again and succeeded\.$/)).toBeVisible();
  await page.getByRole("link", { name: "View run" }).click();
  await expect(page).not.toHaveURL(new RegExp(`${run}(\\?|$)`));
  await expectEnded(page, "succeeded");
  const related = page.getByRole("region", { name: "Related runs" });
  await related.locator("[data-related=Repeats]").getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`${run}$`));
  await expect(page.getByRole("region", { name: "Related runs" }).getByText("Repeated by")).toBeVisible();
  await page.goto("/runs?outcome=not_succeeded");
  await expect(page.locator(`tr[data-run-id="${run.split("/").pop()}"]`)).toContainText(/put right by run \d+/);
  await expect(page.getByText("In any state:")).toBeVisible();
});

test("without a script the same retry works and answers with the run", async ({ browser }) => {
  await setFaults("Contoso", { forbiddenKinds: ["deviceManagementScripts"] });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page);
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  const run = page.url();
  await expect(async () => {
    await page.goto(run);
    await expect(page.locator("article[data-outcome=partially_succeeded]")).toBeAttached({ timeout: 100 });
  }).toPass();
  await healAll();
  await page.getByRole("button", { name: "Sync Platform scripts again" }).click();
  await expect(page.getByText("Inventory sync queued.")).toBeVisible();
  await page.getByRole("link", { name: "View run" }).click();
  await expect(page.locator("[data-related=Repeats]")).toBeVisible();
  await context.close();
});

test("a colleague joins a run and is told of its end", async ({ person: page, secondBrowser }) => {
  await openTenant(page, "Fabrikam");
  const tenant = new URL(page.url()).pathname.split("/")[2]!;
  const colleague = createPerson("Colleague", [`${tenant}=operator`]);
  await holdAnswers("Fabrikam");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await expect(page.getByRole("link", { name: "View run" })).toBeVisible();

  const theirs = await secondBrowser.newPage();
  await signIn(theirs, colleague);
  await openTenant(theirs, "Fabrikam");
  await hydrated(theirs);
  await theirs.getByRole("button", { name: "Sync inventory" }).click();
  await expect(theirs.getByText("Already running, started by Demo Administrator")).toBeVisible();
  await theirs.getByRole("button", { name: "Notify me too" }).click();
  await expect(theirs.getByText("You will be told when it ends.")).toBeVisible();
  await page.getByRole("link", { name: "View run" }).click();
  await expect(page.getByText("Also told of its end: Colleague")).toBeVisible();
  const timeline = page.getByRole("region", { name: /^Timeline/ });
  await expect(timeline.getByText("Queued by Demo Administrator")).toBeVisible();
  await expect(timeline.getByText("Joined by Colleague")).toBeVisible();
  // What moves without an end keeps a processor busy for as long as somebody watches.
  await expect(page.locator("main [data-status=running]").first()).toBeVisible();
  const endless = () => document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === Infinity).length;
  expect(await page.evaluate(endless)).toBe(0);
  await theirs.goto("/tenants");
  await healAll();
  await expectEnded(page, "succeeded");
  await theirs.getByRole("link", { name: "Notifications, 1 unread" }).click();
  await expect(theirs.getByRole("main")).toContainText("Inventory sync");
});

test("what a report of progress does not change is left alone", async ({ person: page }) => {
  await setFaults("Contoso", { delayMs: 100 });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await hydrated(page);
  const changes = await page.evaluateHandle(() => {
    const seen = { beside: [] as string[], counts: new Set<string>() };
    const note = (records: MutationRecord[]) =>
      seen.beside.push(...records.map(({ type, attributeName, target }) => `${type} ${attributeName} ${target.nodeName}`));
    for (const beside of document.querySelectorAll("nav, main h1")) {
      new MutationObserver(note).observe(beside, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    const count = () => document.querySelector("main [data-count=total]")?.textContent ?? "";
    new MutationObserver(() => seen.counts.add(count())).observe(document.body, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  await expectEnded(page, "succeeded");
  const { beside, counts } = await changes.evaluate(({ beside, counts }) => ({ beside, counts: [...counts] }));
  expect(counts.length, "counts seen while it was under way").toBeGreaterThan(3);
  expect(beside).toEqual([]);
});

test("a connection cut for a minute is told, and what happened meanwhile is there within two seconds of its return", async ({ person: page, context }) => {
  test.slow();
  await openTenant(page, "Northwind");
  await hydrated(page);
  const tenant = page.url();
  // Started from elsewhere while this page hears nothing.
  const other = await context.newPage();
  await page.goto("/runs");
  await hydrated(page);
  const newest = page.locator("tbody [data-run-id]").first();
  const before = await newest.getAttribute("data-run-id");
  const client = await context.newCDPSession(page);
  const offline = (offline: boolean) =>
    client.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await client.send("Network.enable");
  await offline(true);
  // Long enough for whoever waits longer after every attempt to wait for long.
  const aMinute = page.waitForTimeout(60_000);
  await expect(page.getByText("reconnecting")).toBeVisible({ timeout: 15_000 });
  await other.goto(tenant);
  await other.getByRole("button", { name: "Verify connection" }).click();
  await other.getByRole("link", { name: "View run" }).click();
  await expectEnded(other, "succeeded");
  await aMinute;
  await expect(page.getByText("reconnecting")).toBeVisible();
  await offline(false);
  await expect(page.getByText(/1 new run|1 newer run/)).toBeVisible({ timeout: 2_000 });
  await expect(page.locator("[data-live=live]")).toBeAttached();
  expect(await newest.getAttribute("data-run-id")).toBe(before);
});

test("a run is handed over to somebody outside, and the link is withdrawn", async ({ person: page, secondBrowser }) => {
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  const run = page.url();
  await page.getByRole("button", { name: "Make a link" }).click();
  await expect(page).toHaveURL(/\/handover\/[0-9a-f]{64}$/);
  const link = page.url();

  const outside = await secondBrowser.newPage();
  expect((await outside.goto(link))!.status()).toBe(200);
  await expect(outside.getByRole("heading", { level: 1, name: "Connection check for Contoso" })).toBeVisible();
  await expect(outside.getByText("Demo Administrator")).toHaveCount(0);
  await expect(outside.getByRole("navigation", { name: "Main" })).toHaveCount(0);
  await expectAccessible(outside);
  await expectFitsPhone(outside);

  await page.goto(run);
  await page.getByRole("region", { name: "Hand over" }).getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByRole("button", { name: "Withdraw" })).toHaveCount(0);
  expect((await outside.goto(link))!.status()).toBe(404);
});
