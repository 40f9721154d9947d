// Settings: theme and zone hold on every page from the server on, keys lead everywhere, the panel of active runs follows by itself.
import {
  expect,
  expectAccessible,
  expectEnded,
  expectFitsPhone,
  healAll,
  holdAnswers,
  hydrated,
  openTenant,
  setFaults,
  signIn,
  test,
} from "../fixtures.ts";

test.beforeEach(healAll);

async function choose(page: import("@playwright/test").Page, theme: string, zone: string, own = "") {
  await page.goto("/settings");
  await page.getByRole("radio", { name: theme, exact: true }).check();
  await page.getByRole("radio", { name: zone, exact: true }).check();
  if (own) await page.getByLabel("Your own time zone").fill(own);
  await page.getByRole("button", { name: "Save look and keys" }).click();
  await expect(page.getByText("Every page looks like this from now on")).toBeVisible();
}

test.describe("with its own browser zone", () => {
  test.use({ timezoneId: "Asia/Tokyo" });

  test("theme and zone survive a reload and other pages, and the script changes nothing", async ({ person: page }) => {
    await openTenant(page, "Northwind");
    await page.getByRole("button", { name: "Verify connection" }).click();
    await page.getByRole("link", { name: "View run" }).click();
    await expectEnded(page, "succeeded");
    await page.goto("/settings");
    // The script proposes what the browser says.
    await expect(page.getByLabel("Your own time zone")).toHaveValue("Asia/Tokyo");
    await choose(page, "Dark", "My own");
    for (const path of ["/runs", "/tenants", "/"]) {
      const served = await (await page.request.get(path)).text();
      expect(served).toContain('data-theme="dark"');
      await page.goto(path);
      await hydrated(page);
      await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
      expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(22, 22, 19)");
      await expect(page.getByText("Times in Asia/Tokyo")).toBeVisible();
    }
    await page.goto("/runs");
    const time = page.locator("main tbody time").first();
    await expect(time).toHaveText(/ UTC\+9$/);
    await expect(time).toHaveAttribute("datetime", /Z$/);
    await expect(time).toHaveAttribute("title", / UTC\n?/);
    await page.reload();
    await hydrated(page);
    await expect(time).toHaveText(/ UTC\+9$/);
    const copied = await time.evaluate((element) => {
      const text = element.firstChild!;
      getSelection()!.setBaseAndExtent(text, 0, text, 5);
      const copy = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
      element.dispatchEvent(copy);
      return copy.clipboardData!.getData("text/plain");
    });
    expect(copied).toBe(await time.getAttribute("datetime"));

    for (const theme of ["Light", "Dark"]) {
      await choose(page, theme, "UTC");
      for (const path of ["/settings", "/runs", "/notifications"]) {
        await page.goto(path);
        await expectAccessible(page);
        await expectFitsPhone(page);
      }
    }
    await choose(page, "As this device", "UTC");
    await expect(page.locator("html")).not.toHaveAttribute("data-theme", /.*/);
  });
});

for (const [locale, written] of [
  ["en-US", /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d\d:\d\d:\d\d UTC$/],
  ["de-DE", /^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d UTC$/],
] as const) {
  test.describe(`in a browser that asks for ${locale}`, () => {
    test.use({ locale });

    test("dates are written that way from the server on, and the same by the script, until one is chosen", async ({ page }) => {
      await signIn(page, undefined, "/audit");
      const served = await (await page.goto("/audit"))!.text();
      await hydrated(page);
      const time = page.locator("main tbody time").last();
      await expect(time).toHaveText(written);
      expect(served).toContain(`>${await time.textContent()}<`);
      await expect(time).toHaveAttribute("title", /^\d{4}-\d\d-\d\d /);
      await page.getByRole("link", { name: "Runs", exact: true }).click();
      await page.getByRole("link", { name: "Audit", exact: true }).click();
      await expect(time).toHaveText(written);

      await page.goto("/settings");
      await page.getByRole("radio", { name: "2026-11-21", exact: true }).check();
      await page.getByRole("button", { name: "Save look and keys" }).click();
      await expect(page.getByText("Every page looks like this from now on")).toBeVisible();
      await page.goto("/audit");
      await expect(time).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
      await page.goto("/settings");
      await page.getByRole("radio", { name: "As my browser's language has them" }).check();
      await page.getByRole("button", { name: "Save look and keys" }).click();
      await expect(page.getByText("Every page looks like this from now on")).toBeVisible();
    });
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("every setting can be changed", async ({ page }) => {
    await signIn(page, undefined, "/settings");
    await choose(page, "Dark", "My own", "Europe/Berlin");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect(page.getByText("Times in Europe/Berlin")).toBeVisible();
    await page.getByLabel("Your own time zone").fill("Mars/Olympus");
    await page.getByRole("button", { name: "Save look and keys" }).click();
    await expect(page.getByText("use a name such as Europe/Berlin")).toBeVisible();
    await choose(page, "As this device", "UTC");
    await page.getByLabel("Current password").fill("not the password");
    await page.getByLabel(/^New password/).fill("something long enough");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("The current password is another")).toBeVisible();
    await page.getByRole("button", { name: "Sign out elsewhere" }).click();
    await expect(page.getByText("You are signed out everywhere else.")).toBeVisible();
    await expect(page.getByText("They need JavaScript.")).toBeVisible();
  });
});

test("keys lead to the runs, along the rows, into a run, and to the help; never while typing", async ({ person: page }) => {
  await openTenant(page, "Northwind");
  await page.getByRole("button", { name: "Verify connection" }).click();
  await expect(page.getByRole("link", { name: "View run" })).toBeVisible();
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await expect(page.getByRole("heading", { level: 1, name: "Queues" })).toBeVisible();
  // A page without a search leads to the one of the runs.
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await expect(page).toHaveURL(/\/runs$/);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page).toHaveURL(/\/runs$/);
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("gojk?");
  await expect(page.getByRole("searchbox")).toHaveValue("gojk?");
  await expect(page.getByRole("dialog")).not.toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();

  const links = page.locator("main tbody tr [data-label=Operation] a");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(help).not.toBeVisible();

  const rows = page.locator("main tbody tr");
  await page.keyboard.press("j");
  await expect(rows.nth(0).locator(":focus")).toHaveCount(1);
  await page.keyboard.press("j");
  await expect(rows.nth(1).locator(":focus")).toHaveCount(1);
  await page.keyboard.press("k");
  await expect(rows.nth(0).locator(":focus")).toHaveCount(1);
  const run = await links.first().getAttribute("href");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${run}$`));
});

test("the panel of active runs follows by itself and is gone when nothing is active", async ({ person: page }) => {
  await holdAnswers("Contoso");
  await openTenant(page, "Contoso");
  await hydrated(page);
  await page.getByRole("button", { name: "Sync inventory" }).click();
  await page.getByRole("link", { name: "Queues" }).click();
  const panel = page.getByRole("complementary", { name: "Your active runs" });
  await expect(panel).toBeVisible();
  await panel.locator("summary").click();
  await expect(panel.getByRole("link", { name: "Inventory sync for Contoso" })).toBeVisible();
  const words = panel.locator("li span").first();
  const before = await words.textContent();
  await setFaults("Contoso", { delayMs: 60 });
  await expect(words).not.toHaveText(before!);
  await expect(panel.locator("details")).toHaveAttribute("open", /.*/);
  await healAll();
  await expect(panel).not.toBeAttached({ timeout: 45_000 });
  await expect(page.getByRole("link", { name: /Notifications, \d+ unread/ })).toBeVisible();
});

test("the browser notifies only while hidden and only after it was turned on in the settings", async ({ person: page }) => {
  await page.addInitScript(() => {
    const shown: { title: string; closed: boolean }[] = [];
    const asked = { times: 0 };
    class Fake {
      static permission = "default";
      static requestPermission() {
        asked.times += 1;
        Fake.permission = "granted";
        sessionStorage.setItem("permission", "granted");
        return Promise.resolve("granted");
      }
      record: { title: string; closed: boolean };
      constructor(title: string) {
        this.record = { title, closed: false };
        shown.push(this.record);
      }
      close() {
        this.record.closed = true;
      }
    }
    Fake.permission = sessionStorage.getItem("permission") ?? "default";
    Object.assign(window, { Notification: Fake, shown, asked });
  });
  await page.goto("/settings");
  await hydrated(page);
  expect(await page.evaluate(() => (window as never as { asked: { times: number } }).asked.times)).toBe(0);
  await page.getByRole("button", { name: "Turn on in this browser" }).click();
  await expect(page.getByText("On in this browser")).toBeVisible();

  await openTenant(page, "Northwind");
  await hydrated(page);
  await page.evaluate(() => Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }));
  await page.getByRole("button", { name: "Verify connection" }).click();
  const shown = () => page.evaluate(() => (window as never as { shown: { title: string; closed: boolean }[] }).shown);
  await expect.poll(shown, { timeout: 45_000 }).toEqual([
    { title: "Connection check for Northwind: succeeded", closed: false },
  ]);
  // Opening the run closes it.
  await page.getByRole("link", { name: "View run" }).click();
  await expect.poll(async () => (await shown())[0]?.closed).toBe(true);
});
