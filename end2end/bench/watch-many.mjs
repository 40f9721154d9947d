// Opens run pages, each in a process of its own, and prints what they cost while they change and whether they end up
// right. Reads a line to begin measuring and a line to end; then prints "<right> <milliseconds until all were right>
// <share of a core> …", a share for each page's process.
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
  // A context each, as browsers may put the tabs of one site into one process.
  const context = await browser.newContext();
  await context.addCookies([{ name, value, url: base }]);
  const page = await context.newPage();
  await page.goto(base + path);
  await page.locator("[data-live=live]").waitFor({ state: "attached" });
  tabs.push(page);
}
const client = await browser.newBrowserCDPSession();
/** Seconds of processor time that each page's process has used. */
const used = async () => {
  const { processInfo } = await client.send("SystemInfo.getProcessInfo");
  return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
console.log("ready");
await lines.next();
const began = performance.now();
const before = await used();
await lines.next();
const seconds = (performance.now() - began) / 1000;
const after = await used();
const asked = performance.now();
const right = await Promise.all(
  tabs.map((page) =>
    page.locator("main [data-outcome=succeeded]").first().waitFor({ state: "attached", timeout: 5_000 }).then(
      () => 1,
      () => 0,
    ),
  ),
);
const shares = [...before].map(([id, then]) => ((after.get(id) - then) / seconds).toFixed(4));
console.log([right.reduce((sum, one) => sum + one, 0), Math.round(performance.now() - asked), ...shares].join(" "));
await browser.close();
process.exit(0);
