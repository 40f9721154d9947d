// Assignments that go into another tenant: what is certain is proposed, the rest waits for a person, and just what was chosen is written.
import { addGroup, addPolicy, askGraph, expect, expectEnded, healAll, openTenant, policiesNamed, setFaults, test } from "../fixtures.ts";
import { addScript, backUpScripts, beginRestore, expectRestore, preview, SCRIPT_PATH } from "../restoring.ts";
import type { Locator, Page } from "@playwright/test";

test.beforeEach(healAll);
test.afterAll(healAll);

const NAME = "Mapping: a script";
const INCLUDED = "#microsoft.graph.groupAssignmentTarget";
const EXCLUDED = "#microsoft.graph.exclusionGroupAssignmentTarget";

async function syncGroups(page: Page, tenant: string): Promise<void> {
  await openTenant(page, tenant);
  await page.getByRole("button", { name: "Sync directory groups" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save mapping" }).click();
}

/** What the preview says of the policy's assignments, each a line: what changes, and what nobody has decided yet. */
async function expectAssignments(page: Page, lines: string[], undecided: string[] = []): Promise<void> {
  const item = page.getByRole("row", { name: NAME });
  await expect(item.locator("li[data-change=undecided]")).toHaveText(undecided);
  const words = lines.length === 1 ? "1 assignment changes" : `${lines.length} assignments change`;
  await expect(item.locator("summary")).toHaveText(words);
  const changes = item.locator("details li[data-change]");
  await expect(changes).toHaveCount(lines.length);
  const shown = await changes.allTextContents();
  expect(shown.sort()).toEqual([...lines].sort());
}

test("a policy's groups are mapped by name, by id and by hand, and nothing else is assigned", async ({ person: page, context }) => {
  test.slow();
  const [certain, twice, nowhere] = ["Mapping: one here", "Mapping: two here", "Mapping: none here"];
  await addScript("Contoso", NAME, [
    { "@odata.type": INCLUDED, groupId: await addGroup("Contoso", certain) },
    { "@odata.type": EXCLUDED, groupId: await addGroup("Contoso", twice) },
    { "@odata.type": INCLUDED, groupId: await addGroup("Contoso", nowhere) },
  ]);
  const one = await addGroup("Northwind", certain);
  const [first, second] = [await addGroup("Northwind", twice), await addGroup("Northwind", twice)];
  await addGroup("Northwind", "Mapping: called otherwise here");
  await backUpScripts(page, "Contoso");
  await syncGroups(page, "Northwind");
  await beginRestore(page, "Northwind", NAME, 1);
  await preview(page);
  await expect(page.locator("tr[data-action=create]")).toHaveCount(1);

  const line = (name: string): Locator => page.locator("tr[data-mapping=group]").filter({ hasText: name });
  await expect(page.locator("tr[data-mapping]")).toHaveCount(3);
  await expect(line(certain)).toHaveAttribute("data-decision", "mapped");
  await expect(line(certain).getByRole("combobox")).toHaveValue(one);
  await expect(line(twice)).toHaveAttribute("data-decision", "undecided");
  await expect(line(twice)).toContainText("2 of that name; choose one");
  await expect(line(nowhere)).toHaveAttribute("data-decision", "undecided");
  await expect(line(nowhere)).toContainText("None of that name");
  await expectAssignments(page, [`Added: Group ${certain}`], [`Undecided: Excluded: group ${twice}`, `Undecided: Group ${nowhere}`]);

  const execute = page.getByRole("button", { name: "Execute restore" });
  await expect(page.locator("[data-blocked]")).toContainText("2 of the references are still undecided");
  await expect(page.getByRole("button", { name: "Dry run" })).toBeDisabled();
  await expect(execute).toBeDisabled();
  // The server refuses it too, whatever the page lets somebody press.
  await execute.evaluate((button: HTMLButtonElement) => (button.disabled = false));
  await execute.click();
  await expect(page.getByRole("status").getByText("2 still undecided")).toBeVisible();
  await expectRestore(page, "previewed");

  // A name that no group has is refused, and what was sent with it is not kept either.
  await line(twice).getByRole("combobox").selectOption(second);
  await line(nowhere).getByRole("textbox").fill("Mapping: nobody is called so");
  await save(page);
  await expect(page.getByRole("status").getByText("this tenant has nothing with the id or name")).toBeVisible();
  await page.reload();
  await expect(page.locator("tr[data-decision=undecided]")).toHaveCount(2);

  await line(twice).getByRole("combobox").selectOption(second);
  await line(nowhere).getByRole("textbox").fill("Mapping: called otherwise here");
  await save(page);
  await expect(page.locator("tr[data-decision=mapped]")).toHaveCount(3);
  await expect(line(twice).getByRole("combobox")).toHaveValue(second);
  const chosen = [`Added: Group ${certain}`, `Added: Excluded: group ${twice}`];
  await expectAssignments(page, [...chosen, "Added: Group Mapping: called otherwise here"]);
  await line(nowhere).getByRole("combobox").selectOption({ label: "Leave out" });
  await save(page);
  await expect(line(nowhere)).toHaveAttribute("data-decision", "left_out");
  await expectAssignments(page, chosen);
  await expect(execute).toBeEnabled();

  await expect(page.locator("[data-out-of-date]")).toHaveCount(0);
  // What is being chosen and typed stays while the page is told of changes.
  await line(certain).getByRole("combobox").selectOption({ label: "Leave out" });
  await line(certain).getByRole("textbox").fill("Mapping: being typed");
  const other = await context.newPage();
  await syncGroups(other, "Northwind");
  await expect(page.locator("[data-out-of-date]")).toContainText("groups were synced after this preview");
  await expect(line(certain).getByRole("combobox").locator("option:checked")).toHaveText("Leave out");
  await expect(line(certain).getByRole("textbox")).toHaveValue("Mapping: being typed");
  await line(certain).getByRole("combobox").selectOption(one);
  await line(certain).getByRole("textbox").fill("");
  await page.getByRole("button", { name: "Generate preview" }).click();
  await expect(page.locator("[data-out-of-date]")).toHaveCount(0);
  await expectRestore(page, "previewed");
  await expect(line(twice).getByRole("combobox")).toHaveValue(second);
  await expect(line(nowhere)).toHaveAttribute("data-decision", "left_out");
  await expectAssignments(page, chosen);
  expect(await policiesNamed("Northwind", NAME)).toEqual([]);

  await execute.click();
  await expectRestore(page, "completed");
  await page.locator("#result").getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  const written = await policiesNamed("Northwind", NAME);
  expect(written).toHaveLength(1);
  type Assigned = { value: { target: { "@odata.type": string; groupId: string } }[] };
  const { value } = await askGraph<Assigned>("Northwind", `${SCRIPT_PATH}/${written[0]!.id}/assignments`);
  const targets = value.map(({ target }) => [target["@odata.type"], target.groupId]);
  expect(targets.sort()).toEqual([[EXCLUDED, second], [INCLUDED, one]]);
  expect(second).not.toBe(first);
});

test("a filter of another tenant becomes the one that a person chooses, over a connection that breaks", async ({ person: page }) => {
  test.slow();
  const name = "Filtered: a script";
  const filter = (displayName: string) => ({ displayName, platform: "macOS", rule: '(device.manufacturer -eq "Apple")' });
  const all = "#microsoft.graph.allDevicesAssignmentTarget";
  await addScript("Contoso", name, [
    {
      "@odata.type": all,
      deviceAndAppManagementAssignmentFilterId: await addPolicy("Contoso", "assignmentFilters", filter("Filtered: theirs")),
      deviceAndAppManagementAssignmentFilterType: "include",
    },
  ]);
  const ours = await addPolicy("Northwind", "assignmentFilters", filter("Filtered: ours"));
  await backUpScripts(page, "Contoso");
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  await expectEnded(page, "succeeded");
  await beginRestore(page, "Northwind", name, 1);
  await preview(page);
  const line = page.locator("tr[data-mapping=filter]");
  await expect(line).toHaveAttribute("data-decision", "undecided");
  await expect(line).toContainText("Filtered: theirs");
  await line.getByRole("combobox").selectOption({ label: "Filtered: ours" });
  await page.getByRole("button", { name: "Save mapping" }).click();
  await expect(line).toHaveAttribute("data-decision", "mapped");
  await page.getByRole("row", { name }).locator("summary").click();
  await expect(page.locator("li[data-change]")).toHaveText(/All devices.*only with filter Filtered: ours/);

  await setFaults("Northwind", { resetConnections: 1 });
  await page.getByRole("button", { name: "Execute restore" }).click();
  await expectRestore(page, "completed");
  const written = await policiesNamed("Northwind", name);
  expect(written).toHaveLength(1);
  type Assigned = { value: { target: Record<string, string> }[] };
  const { value } = await askGraph<Assigned>("Northwind", `${SCRIPT_PATH}/${written[0]!.id}/assignments`);
  expect(value.map(({ target }) => target)).toEqual([
    expect.objectContaining({ "@odata.type": all, deviceAndAppManagementAssignmentFilterId: ours }),
  ]);
});
