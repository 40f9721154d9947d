// Members: invited by a link, given another role while they look on, and all of it in the audit log.
import type { Page } from "@playwright/test";

import { expect, expectAccessible, expectFitsPhone, healAll, hydrated, openTenant, signIn, test, watch } from "../fixtures.ts";

test.beforeEach(healAll);

async function openMembers(page: Page, tenant: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("main").getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Members of ${tenant}` })).toBeVisible();
}

async function invite(page: Page, email: string, role: string): Promise<string> {
  await page.getByLabel("Email").fill(email);
  await page.getByRole("form", { name: "Invite" }).getByLabel("Role").selectOption({ label: role });
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  return page.getByLabel("Invitation link").inputValue();
}

test("an invited operator works, is made a reader, and the audit log tells it", async ({ person: page, secondBrowser }) => {
  const name = `Nina ${Date.now()}`;
  await openMembers(page, "Northwind");
  const link = await invite(page, `nina-${Date.now()}@tenantatlas.test`, "Operator");
  await hydrated(page);
  await expectAccessible(page);
  await expectFitsPhone(page);

  const theirs = await secondBrowser.newPage();
  const problems = watch(theirs);
  await theirs.goto(link);
  await expect(theirs.getByText("invites you to look after Northwind")).toBeVisible();
  await expectAccessible(theirs);
  await expectFitsPhone(theirs);
  await theirs.getByLabel("Email").fill("somebody-else@tenantatlas.test");
  await theirs.getByLabel("Name").fill(name);
  await theirs.getByLabel("Password").fill("a colleague's password");
  await theirs.getByRole("button", { name: "Create account and accept" }).click();
  await expect(theirs.getByRole("alert")).toContainText("another address");
  await expect(theirs.getByLabel("Name")).toHaveValue(name);
  await page.getByRole("button", { name: "Revoke the invitation" }).click();
  await expect(page.getByText("No invitation waits.")).toBeVisible();
  expect((await theirs.goto(link))!.status()).toBe(404);

  const email = `nina-${Date.now()}@tenantatlas.test`;
  await theirs.goto(await invite(page, email, "Operator"));
  await theirs.getByLabel("Email").fill(email);
  await theirs.getByLabel("Name").fill(name);
  await theirs.getByLabel("Password").fill("a colleague's password");
  await theirs.getByRole("button", { name: "Create account and accept" }).click();
  await expect(theirs.getByRole("heading", { level: 1, name: "Northwind" })).toBeVisible();
  const start = theirs.getByRole("button", { name: "Verify connection" });
  await expect(start).toBeEnabled();
  await hydrated(theirs);

  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row.getByLabel(`Role of ${name}`, { exact: true })).toHaveValue("operator");
  await row.getByLabel(`Role of ${name}`, { exact: true }).selectOption({ label: "Read only" });
  await row.getByRole("button", { name: `Change role of ${name}` }).click();
  await expect(row).toHaveAttribute("data-role", "readonly");
  // Their open page learns of it by itself, and the server would refuse all the same.
  await expect(start).toBeDisabled();
  const tenant = new URL(theirs.url()).pathname.split("/")[2]!;
  const refused = await theirs.request.post("/api/start_operation", {
    form: { tenant_id: tenant, operation_type: "tenant.verify" },
    headers: { accept: "application/json", origin: new URL(theirs.url()).origin },
  });
  expect(refused.status()).toBe(403);
  await theirs.goto(`/tenants/${tenant}/members`);
  await expect(theirs.getByText("an owner can invite people")).toBeVisible();
  expect(problems).toEqual([]);

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  await page.getByRole("combobox", { name: "Tenant", exact: true }).selectOption({ label: "Northwind" });
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/tenant=/);
  const events = page.getByRole("row").filter({ hasText: name });
  await expect(events.filter({ hasText: "Invitation accepted" })).toContainText("127.0.0.1");
  await expect(events.filter({ hasText: "Role changed" })).toContainText("Operator → Read only");
  await expect(events.filter({ hasText: "Run started" })).toContainText("Refused");
  await expectAccessible(page);
  await expectFitsPhone(page);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  expect((await download).suggestedFilename()).toBe("audit-log.csv");
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("inviting, being refused, removing", async ({ page, browser }) => {
    await signIn(page);
    await openMembers(page, "Northwind");
    const email = `otto-${Date.now()}@tenantatlas.test`;
    const link = await invite(page, email, "Read only");
    const context = await browser.newContext({ javaScriptEnabled: false });
    const theirs = await context.newPage();
    const name = `Otto ${Date.now()}`;
    await theirs.goto(link);
    await theirs.getByLabel("Email").fill(email);
    await theirs.getByLabel("Name").fill(name);
    await theirs.getByLabel("Password").fill("a colleague's password");
    await theirs.getByRole("button", { name: "Create account and accept" }).click();
    await expect(theirs.getByRole("button", { name: "Verify connection" })).toBeDisabled();

    await openMembers(page, "Northwind");
    const row = page.getByRole("row").filter({ hasText: name });
    await row.getByText("Remove …").click();
    await row.getByRole("button", { name: `Remove ${name}` }).click();
    await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
    expect((await theirs.reload())!.status()).toBe(404);
    await context.close();
    await page.goto("/audit?action=member.remove");
    await expect(page.getByRole("row").filter({ hasText: name })).toContainText("Done");
  });
});
