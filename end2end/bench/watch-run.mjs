// Opens a run's page and prints a line with the time whenever the number that it shows changes: "<milliseconds> <number>".
import { chromium } from "@playwright/test";

const [base, path, cookie] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const context = await browser.newContext();
const [name, value] = cookie.split("=");
await context.addCookies([{ name, value, url: base }]);
const page = await context.newPage();
await page.exposeFunction("seen", (at, number) => console.log(`${at} ${number}`));
await page.goto(base + path);
await page.locator("[data-live=live]").waitFor({ state: "attached" });
await page.evaluate(() => {
  let last = "";
  const look = () => {
    const number = /(\d[\d,]*) succeeded/.exec(document.querySelector("main").innerText)?.[1];
    if (number && number !== last) {
      last = number;
      const at = performance.timeOrigin + performance.now();
      window.seen(at, number.replaceAll(",", ""));
    }
  };
  new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
});
console.log("ready");
process.stdin.resume();
process.stdin.on("end", () => browser.close().then(() => process.exit(0)));
