// The steps that journeys of restores share: a backup of one kind, a restore of some policies of it, and its preview.
import { addPolicy, expect, expectEnded, hydrated, openTenant } from "./fixtures.ts";
import type { Page } from "@playwright/test";

const SCRIPTS = "deviceShellScripts";
export const SCRIPT_PATH = `/beta/deviceManagement/${SCRIPTS}`;

type Target = {
  "@odata.type": string;
  groupId?: string;
  deviceAndAppManagementAssignmentFilterId?: string;
  deviceAndAppManagementAssignmentFilterType?: "include" | "exclude";
};

/** Adds a shell script to a simulated tenant, assigned as said. */
export function addScript(tenant: string, displayName: string, targets: Target[] = []): Promise<string> {
  const assignments = targets.map((target, index) => ({ id: `${displayName}-${index}`, target }));
  return addPolicy(tenant, SCRIPTS, { displayName, fileName: "a.sh", scriptContent: btoa("#!/bin/sh\n"), assignments });
}

export function backUpScripts(page: Page, tenant: string): Promise<void> {
  return backUpKind(page, tenant, "Shell scripts");
}

/** Backs up the policies of one kind, by its label, and waits for the end. */
export async function backUpKind(page: Page, tenant: string, kind: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("link", { name: "Backups", exact: true }).click();
  await hydrated(page);
  await page.getByText("Only some kinds").click();
  await page.getByLabel(kind, { exact: true }).check();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByRole("status").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
}

/** Begins a restore of the newest backup of shell scripts, of those `count` whose names contain the text. */
export async function beginRestore(page: Page, tenant: string, text: string, count: number, withAssignments = true): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("link", { name: "Restores", exact: true }).click();
  await page.getByRole("link", { name: "New restore" }).click();
  await page.getByRole("link", { name: /^Shell scripts/ }).first().click();
  await hydrated(page);
  await page.getByLabel("Name contains").fill(text);
  await page.getByRole("button", { name: "Filter" }).click();
  const rows = page.locator("tr[data-version-id]");
  await expect(rows).toHaveCount(count);
  for (const tick of await rows.getByRole("checkbox").all()) await tick.check();
  await page.getByLabel("Restore assignments too").setChecked(withAssignments);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Restore from Shell scripts/ })).toBeVisible();
  await hydrated(page);
}

export async function expectRestore(page: Page, status: string): Promise<void> {
  await expect(page.locator("[data-restore-id]")).toHaveAttribute("data-status", status, { timeout: 45_000 });
}

export async function preview(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Generate preview" }).click();
  await expectRestore(page, "previewed");
}

/** Names of the restore's policies on the page, in order, of the rows that the selector chooses. */
export async function namesOf(page: Page, rows: string): Promise<string[]> {
  return (await page.locator(`table.restore-items ${rows} .item > .strong`).allTextContents()).sort();
}
