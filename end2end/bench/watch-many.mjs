// Opens run pages, each in a tab of its own, and prints what they cost while they change and whether they end up right.
// Reads a line to begin measuring and a line to end; then prints "<right> <milliseconds until all were right> <share of a
// core> …", a share for each page.
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";

const [base, cookie, ...paths] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const [name, value] = cookie.split("=");
const tabs = [];
for (const path of paths) {
  // A context each, as browsers share one page's processor time among the tabs of a site.
  const context = await browser.newContext();
  await context.addCookies([{ name, value, url: base }]);
  const page = await context.newPage();
  await page.goto(base + path);
  await page.locator("[data-live=live]").waitFor({ state: "attached" });
  const client = await context.newCDPSession(page);
  await client.send("Performance.enable");
  const busy = async () => {
    const { metrics } = await client.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value;
  };
  tabs.push({ page, busy });
}
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
console.log("ready");
await lines.next();
const began = performance.now();
const before = await Promise.all(tabs.map(({ busy }) => busy()));
await lines.next();
const seconds = (performance.now() - began) / 1000;
const after = await Promise.all(tabs.map(({ busy }) => busy()));
const asked = performance.now();
const right = await Promise.all(
  tabs.map(({ page }) =>
    page.locator("main [data-outcome=succeeded]").first().waitFor({ state: "attached", timeout: 5_000 }).then(
      () => 1,
      () => 0,
    ),
  ),
);
const shares = after.map((now, index) => ((now - before[index]) / seconds).toFixed(4));
console.log([right.reduce((sum, one) => sum + one, 0), Math.round(performance.now() - asked), ...shares].join(" "));
await browser.close();
