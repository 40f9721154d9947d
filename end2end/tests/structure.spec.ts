// What a screen reader is told of the main pages: their landmarks, headings and names.
import { expect, expectEnded, healAll, hydrated, openTenant, setFaults, test } from "../fixtures.ts";

test.beforeEach(healAll);
test.afterAll(healAll);

test("every page has the same frame", async ({ person: page }) => {
  for (const path of ["/", "/runs", "/tenants", "/queues", "/audit", "/settings"]) {
    await page.goto(path);
    await hydrated(page);
    await expect(page.locator("body")).toMatchAriaSnapshot(`
      - link "Skip to content"
      - banner:
        - link "TenantAtlas"
        - navigation "Main":
          - link "Overview"
          - link "Runs"
          - link "Tenants"
          - link "Queues"
          - link "Audit"
        - link /\\d+ running/
        - link /Notifications/
        - button "Sign out"
      - main:
        - heading [level=1]
    `);
  }
});

test("the overview, the list and a run are told as what they are", async ({ person: page }) => {
  await setFaults("Contoso", { forbiddenKinds: ["deviceManagementScripts"] });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "partially_succeeded");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - navigation "You are here"
    - article:
      - heading "Inventory sync for Contoso" [level=1]
      - status: Partially succeeded
      - button "Run again"
      - region "What failed, and who must act":
        - heading "What failed, and who must act" [level=2]
      - region /Timeline/:
        - heading /Timeline/ [level=2]
        - list
  `);
  await page.goto("/");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Overview" [level=1]
    - region "Needs someone":
      - heading "Needs someone" [level=2]
      - heading [level=3]
      - list:
        - listitem:
          - paragraph:
            - strong
    - region "Tenants":
      - table "The latest run of each operation on each tenant"
  `);
  await page.goto("/runs?outcome=partially_succeeded");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Runs" [level=1]
    - form "Filters":
      - combobox "Status"
      - combobox "Outcome"
      - button "Filter"
    - list "Chosen filters":
      - listitem:
        - link /Remove filter Outcome/
    - table
  `);
});
