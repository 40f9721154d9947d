// Exports that people have already become a backup set; each file says what came of it.
import { expect, expectAccessible, expectFitsPhone, healAll, hydrated, openTenant, signIn, test } from "../fixtures.ts";

test.beforeEach(healAll);

const ring = {
  "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
  displayName: "Imported ring",
  qualityUpdatesDeferralPeriodInDays: 3,
};
const catalog = {
  "@odata.context": "https://graph.microsoft.com/beta/$metadata#deviceManagement/configurationPolicies/$entity",
  name: "Imported catalog – Größe",
  technologies: "mdm",
  platforms: "windows10",
  settings: [{ id: "0", settingInstance: { settingDefinitionId: "a", simpleSettingValue: { value: 1 } } }],
};
const json = (name: string, buffer: Buffer) => ({ name, mimeType: "application/json", buffer });
const files = [
  json("ring.json", Buffer.from(JSON.stringify(ring))),
  json("catalog.json", Buffer.from("\ufeff" + JSON.stringify(catalog), "utf16le")),
  json("broken.json", Buffer.from('{"displayName": "Broken",')),
];

test("two good files and a bad one are imported, and the verdicts are read", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await hydrated(page);
  await page.getByRole("link", { name: "Import exports" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Import exports into Northwind" })).toBeVisible();
  await expect(page.getByLabel("Name of the backup set")).toHaveValue(/^Import of \d{4}-\d\d-\d\d$/);
  await expectAccessible(page);
  await expectFitsPhone(page);
  await page.getByLabel("Files").setInputFiles(files);
  await page.getByLabel("Name of the backup set").fill("History of the old tool");
  await page.getByRole("button", { name: "Import" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "History of the old tool" })).toBeVisible();
  await hydrated(page);
  await expect(page.getByText("2 imported")).toBeVisible();
  const lines = page.getByRole("region", { name: "Files of this import" }).locator("tbody tr");
  await expect(lines).toHaveCount(3);
  await expect(lines.nth(0)).toHaveAttribute("data-verdict", "imported");
  await expect(lines.nth(1)).toContainText("Imported catalog – Größe");
  await expect(lines.nth(2)).toHaveAttribute("data-verdict", "unreadable");
  await expect(lines.nth(2)).toContainText(/line 1 column \d+/);
  await expectAccessible(page);
  await expectFitsPhone(page);

  await page.getByRole("link", { name: "1 not readable" }).click();
  await expect(lines).toHaveCount(1);
  await page.getByRole("link", { name: "All files" }).click();
  await expect(lines).toHaveCount(3);
  await lines.nth(0).getByRole("link", { name: "Imported ring" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("files are imported by the form alone", async ({ page }) => {
    await signIn(page);
    await openTenant(page, "Northwind");
    await page.getByRole("link", { name: "Backups", exact: true }).click();
    await page.getByRole("link", { name: "Import exports" }).click();
    await page.getByLabel("Files").setInputFiles(files.slice(2));
    await page.getByRole("button", { name: "Import" }).click();
    await expect(page.getByText("1 not readable")).toBeVisible();
  });
});
