// Tenants that throttle, refuse and fail: the run ends in the right outcome and says who must act.
import { clientSecretOf, expect, expectAccessible, expectEnded, expectFitsPhone, healAll, openTenant, setFaults, test } from "../fixtures.ts";

test.beforeEach(healAll);
test.afterAll(healAll);

test("a missing permission fails its kind alone and names who must act", async ({ person: page }) => {
  await setFaults("Contoso", { forbiddenKinds: ["deviceManagementScripts"] });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "partially_succeeded");
  await expect(page.getByText("Permission missing")).toBeVisible();
  await expect(page.getByText("graph.forbidden", { exact: true })).toBeVisible();
  await expect(page.getByText("Your app registration's owner must act.", { exact: true })).toBeVisible();
  await expect(page.getByText(/DeviceManagementScripts\.Read\.All/).first()).toBeVisible();
  const run = page.url();
  await page.getByRole("link", { name: "Overview" }).click();
  const trouble = page.locator("[data-code='graph.forbidden']");
  await expect(page.getByRole("heading", { name: /app registration's owner must act/ })).toBeVisible();
  await trouble.getByRole("link", { name: "Inventory sync for Contoso", exact: true }).click();
  await expect(page).toHaveURL(run);
});

test("what failed is retried from the overview: just that, after its exact set was shown", async ({ person: page }) => {
  await setFaults("Contoso", { forbiddenKinds: ["deviceManagementScripts"] });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "partially_succeeded");
  const failed = new URL(page.url()).pathname.split("/").pop()!;
  await healAll();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("link", { name: "Retry what failed …: Inventory sync for Contoso" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Retry what failed in 1 run" })).toBeVisible();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByRole("button", { name: "Start 1 run" }).click();
  await expect(page.getByRole("status").filter({ hasText: "1 started." })).toBeVisible();
  await page.locator('[data-result="started"]').getByRole("link", { name: /^#/ }).click();
  await expectEnded(page, "succeeded");
  await expect(page.locator("#items").getByText(/^All /)).toHaveCount(0);
  await expect(page.locator("[data-related=Repeats]").getByRole("link")).toHaveAttribute("href", `/runs/${failed}`);
  await page.goto(`/runs/bulk?action=retry&runs[0]=${failed}`);
  await expect(page.getByRole("heading", { level: 1, name: "Nothing of the selected runs can be retried" })).toBeVisible();
});

test("a refused secret fails the run at once, and its page leads to where another is put in", async ({ person: page }) => {
  await setFaults("Northwind", { rejectCredentials: true });
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "failed");
  await expect(page.getByText("graph.credentials_rejected", { exact: true })).toBeVisible();
  await expect(page.getByText(/app registration's owner must act/)).toBeVisible();
  await healAll();
  await page.getByRole("link", { name: "Replace the client secret" }).click();
  const secret = page.getByLabel("New secret's value");
  await secret.fill("5b1c7d0e-7f6a-4f0f-9d5e-0c1d2e3f4a5b");
  await page.getByRole("button", { name: "Replace secret" }).click();
  await expect(page.getByText("Not stored. Paste the secret's value")).toBeInViewport();
  await secret.fill(await clientSecretOf("Northwind"));
  await page.getByRole("button", { name: "Replace secret" }).click();
  await expect(page.getByText("Stored. Verify the connection")).toBeVisible();
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
});

test("throttling is waited out", async ({ person: page }) => {
  await setFaults("Northwind", { throttleEvery: 3, retryAfterSeconds: 1 });
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
});
