// The list and a run's page read the same row: whatever one says, the other never says less afterwards.
import { expect, expectEnded, healAll, hydrated, openTenant, setFaults, test } from "../fixtures.ts";

test.beforeEach(healAll);
test.afterAll(healAll);

type Read = { status: string; outcome: string; done: number };

const order = ["queued", "running", "completed"];

/** Whether `later` may be read after `earlier`: nothing goes back, and an end stays as it is. */
function follows(earlier: Read, later: Read): boolean {
  const step = order.indexOf(later.status) - order.indexOf(earlier.status);
  if (step !== 0) return step > 0;
  return later.outcome === earlier.outcome && later.done >= earlier.done;
}

test("the list and the run's page never contradict each other while the run changes", async ({ person: page, context }) => {
  await setFaults("Contoso", { delayMs: 100 });
  await openTenant(page, "Contoso");
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "View run" }).click();
  const path = new URL(page.url()).pathname;
  const run = path.split("/")[2]!;
  const list = await context.newPage();
  await list.goto("/runs?view=all");
  await hydrated(list);

  const pages = ["/runs?view=all", path];
  const read = (address: string): Promise<Read> =>
    list.evaluate(
      async ([address, run]) => {
        const html = await (await fetch(address!)).text();
        const shown = new DOMParser().parseFromString(html, "text/html").querySelector(`main [data-run-id="${run}"]`)!;
        const state = shown.matches("[data-status]") ? shown : shown.querySelector("[data-status]")!;
        return {
          status: state.getAttribute("data-status")!,
          outcome: state.getAttribute("data-outcome")!,
          done: Number(shown.querySelector("progress")?.getAttribute("value") ?? 0),
        };
      },
      [address, run],
    );
  const all: Read[] = [];
  for (let turn = 0; all.at(-1)?.status !== "completed"; turn += 1) all.push(await read(pages[turn % 2]!));
  for (const address of pages) all.push(await read(address));
  for (const [index, later] of all.slice(1).entries()) {
    expect(follows(all[index]!, later), JSON.stringify(all.slice(index, index + 2))).toBe(true);
  }
  expect(new Set(all.map(({ done }) => done)).size, "read while it was under way").toBeGreaterThan(3);

  // What stands on the two open pages by itself says the same in the end.
  await expectEnded(page, "succeeded");
  const row = list.locator(`main tr[data-run-id="${run}"]`);
  await expect(row.locator("[data-status]")).toHaveAttribute("data-outcome", "succeeded");
  await expect(row).toContainText("Succeeded");
});
