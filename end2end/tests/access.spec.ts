// Who sees what: signing in, foreign and unknown runs, bad input, and pages that never ask Microsoft.

import { createPerson, DEMO, expect, graphRequests, healAll, openTenant, signIn, test } from "../fixtures.ts";

test.beforeEach(healAll);

test("a wrong password is refused in words and the wanted page is kept", async ({ page }) => {
  await page.goto("/runs?status=queued");
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("Email").fill(DEMO.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Email").fill(DEMO.email);
  await page.getByLabel("Password").fill(DEMO.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/runs\?status=queued$/);
});

test("another tenant's run is not found, like one that does not exist", async ({ person: page, secondBrowser }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Verify connection" }).click();
  const run = await page.getByRole("link", { name: "View run" }).getAttribute("href");
  expect((await page.request.get(run!)).status()).toBe(200);

  const stranger = createPerson("Stranger");
  const theirs = await secondBrowser.newPage();
  await signIn(theirs, stranger);
  for (const path of [run!, "/runs/999999999", "/tenants/1", "/nowhere"]) {
    const answer = await theirs.goto(path);
    expect(answer!.status(), path).toBe(404);
    await expect(theirs.getByRole("heading", { level: 1 })).toContainText(/not found/i);
  }
});

test("bad input is named, with the right status", async ({ person: page }) => {
  for (const path of ["/runs?status=paused", "/runs?cursor=zzz", "/runs?tenant=abc", "/runs/abc"]) {
    const answer = await page.request.get(path);
    expect([400, 404], `${path} answered ${answer.status()}`).toContain(answer.status());
  }
});

test("monitoring pages ask Microsoft nothing", async ({ person: page }) => {
  await expect
    .poll(async () => (await page.request.get("/runs?status=running")).text())
    .not.toContain('data-status="running"');
  const before = await graphRequests();
  for (const path of ["/", "/runs", "/notifications", "/tenants", "/tenants/1", "/tenants/1/inventory", "/tenants/1/groups"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.goto("/runs");
  await page.locator("[data-run-id] a").first().click();
  await expect(page).toHaveURL(/\/runs\/\d+/);
  expect(await graphRequests()).toBe(before);
});
