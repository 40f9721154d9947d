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

test("queues, notifications, the audit log, settings and a tenant are told as what they are", async ({ person: page }) => {
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  for (const [path, structure] of [
    [
      "/queues",
      `
      - heading "Queues" [level=1]
      - term: Ready to begin
      - definition: /\\d+/
      - region "Workers":
        - heading "Workers" [level=2]
        - table /Workers of the last day/
      - region "Tenants that wait":
        - heading "Tenants that wait" [level=2]
      `,
    ],
    [
      "/notifications",
      `
      - heading "Notifications" [level=1]
      - link "What you are told"
      - list:
        - listitem:
          - link /Connection check for Contoso. succeeded/
          - time
      `,
    ],
    [
      "/audit",
      `
      - heading "Audit log" [level=1]
      - form "Filters":
        - combobox "Person"
        - combobox "Tenant"
        - combobox "Action"
        - combobox "Result"
        - button "Filter"
      - table
      `,
    ],
    [
      "/settings",
      `
      - heading "Settings" [level=1]
      - region "Look, times and keys":
        - heading "Look, times and keys" [level=2]
        - group "Theme"
        - group "Times in"
        - group "Dates as"
        - group "Keyboard shortcuts"
      `,
    ],
    [
      "/tenants/1",
      `
      - navigation "You are here"
      - heading "Contoso" [level=1]
      - region "Start":
        - heading "Start" [level=2]
        - button "Sync inventory"
        - button "Sync directory groups"
        - button "Verify connection"
        - status
      - region "Connection":
        - heading "Connection" [level=2]
      `,
    ],
  ] as const) {
    await page.goto(path);
    await hydrated(page);
    await expect(page.getByRole("main"), path).toMatchAriaSnapshot(structure);
  }
});

test("tenants are found by a part of their name", async ({ person: page }) => {
  await page.goto("/tenants");
  await hydrated(page);
  const links = page.locator("main tbody a.strong");
  await expect(links).toHaveText(["Contoso", "Fabrikam", "Northwind"]);
  await page.keyboard.press("/");
  await page.keyboard.type("NORTH");
  await page.keyboard.press("Enter");
  await expect(links).toHaveText(["Northwind"]);
  await page.getByRole("searchbox").fill("nowhere");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText("No tenants match these filters")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filters" }).click();
  await expect(links).toHaveCount(3);
});
