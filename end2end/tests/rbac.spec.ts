// Access setup: signing in to Microsoft as oneself, searching groups, assigning a role; with and without JavaScript.
import type { Page } from "@playwright/test";

import { expect, expectAccessible, expectFitsPhone, healAll, openTenant, setFaults, signIn, test } from "../fixtures.ts";

test.beforeEach(healAll);

const search = (page: Page) => page.locator("[data-search-state]");

async function openAccessSetup(page: Page, tenant: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("link", { name: "Access setup" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Access setup of ${tenant}` })).toBeVisible();
}

async function signInToMicrosoft(page: Page, tenant: string): Promise<void> {
  await page.getByRole("button", { name: "Sign in to Microsoft" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Sign in to ${tenant}` })).toBeVisible();
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText(/^Signed in to Microsoft as/)).toBeVisible();
}

async function searchFor(page: Page, text: string): Promise<void> {
  await page.getByLabel("Group name").fill(text);
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL((url) => url.searchParams.get("q") === text);
}

/** Searches, chooses, reads through and creates; the answer names the assignment. */
async function assignRole(page: Page, name: string): Promise<void> {
  await searchFor(page, "windows");
  await expect(search(page)).toHaveAttribute("data-search-state", "results");
  await page.getByRole("checkbox", { name: /^Members: / }).first().check();
  await page.getByRole("combobox", { name: /^Role/ }).selectOption({ index: 1 });
  await page.getByRole("button", { name: "Review" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Give the assignment a name" })).toBeVisible();
  await page.getByLabel("Name of the assignment").fill(name);
  await page.getByRole("button", { name: "Review" }).click();
  await expect(page.getByRole("heading", { name: "Review" })).toBeVisible();
  await expect(page.getByText("All devices and users")).toBeVisible();
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("status").filter({ hasText: "was created in Intune" })).toContainText(name);
}

test("a person signs in to Microsoft, finds groups and assigns a role", async ({ person: page, secondBrowser }) => {
  await openAccessSetup(page, "Contoso");
  await expect(search(page)).toHaveAttribute("data-search-state", "disabled");
  await expect(page.getByLabel("Group name")).toBeDisabled();
  await expectAccessible(page);
  await expectFitsPhone(page);
  await signInToMicrosoft(page, "Contoso");
  await expect(page).toHaveURL(/\/tenants\/\d+\/rbac$/);
  await assignRole(page, "Kiosk helpdesk");
  await expectAccessible(page);

  // Another session of the same person has no part in it.
  const theirs = await secondBrowser.newPage();
  await signIn(theirs);
  await openAccessSetup(theirs, "Contoso");
  await expect(search(theirs)).toHaveAttribute("data-search-state", "disabled");

  await page.getByRole("button", { name: "Sign out of Microsoft" }).click();
  await expect(search(page)).toHaveAttribute("data-search-state", "disabled");
});

test("every state of the search is told", async ({ person: page }) => {
  await openAccessSetup(page, "Fabrikam");
  await page.getByRole("button", { name: "Sign in to Microsoft" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("status").filter({ hasText: "was cancelled" })).toBeVisible();
  await signInToMicrosoft(page, "Fabrikam");

  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await searchFor(page, "windows");
    await expect(search(page)).toHaveAttribute("data-search-state", "results");
    await expectAccessible(page);
    await expectFitsPhone(page);
  }

  await searchFor(page, "nobody at all");
  await expect(search(page)).toHaveAttribute("data-search-state", "empty");
  await expect(page.getByText("No group named “nobody at all”")).toBeVisible();

  await setFaults("Fabrikam", { withdrawnConsent: ["Group"] });
  await searchFor(page, "devices");
  await expect(search(page)).toHaveAttribute("data-search-state", "consent-missing");
  await expect(page.getByText("GroupMember.Read.All")).toBeVisible();
  await expectAccessible(page);

  await setFaults("Fabrikam", { throttleEvery: 1, retryAfterSeconds: 60 });
  await searchFor(page, "sales");
  await expect(search(page)).toHaveAttribute("data-search-state", "throttled");
  await expect(page.getByText(/asks to wait until \d\d:\d\d:\d\d UTC/)).toBeVisible();
  await expectAccessible(page);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a person signs in to Microsoft and assigns a role", async ({ page }) => {
    await signIn(page);
    await openAccessSetup(page, "Contoso");
    await signInToMicrosoft(page, "Contoso");
    await assignRole(page, "Kiosk night shift");
  });
});
