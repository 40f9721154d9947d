// What every journey uses: signing in, the simulated Graph's controls, and a page on which any script error fails the test.
import { AxeBuilder } from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test as base, type BrowserContext, type Page } from "@playwright/test";

export const DEMO = { email: "demo@tenantatlas.test", password: "a password for journeys" };
const simulator = `http://127.0.0.1:${Number(process.env.E2E_PORT) + 1}`;

export type Faults = {
  throttleEvery?: number;
  retryAfterSeconds?: number;
  unavailable?: number;
  delayMs?: number;
  resetConnections?: number;
  forbiddenKinds?: string[];
  rejectCredentials?: boolean;
  revokeTokens?: boolean;
  withdrawnConsent?: string[];
};

type SimulatedTenant = { directoryId: string; displayName: string; clientId: string; clientSecret: string };

async function control(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(`${simulator}/_control${path}`, init);
  expect(response.ok, `${path} answered ${response.status}`).toBe(true);
  return response;
}

async function simulated(tenant: string): Promise<SimulatedTenant> {
  const tenants = (await (await control("/tenants")).json()) as SimulatedTenant[];
  const found = tenants.find((one) => one.displayName === tenant);
  expect(found, `the simulator has ${tenant}`).toBeDefined();
  return found!;
}

async function directoryOf(tenant: string): Promise<string> {
  return (await simulated(tenant)).directoryId;
}

/** The secret that the simulated tenant's app registration has. */
export async function clientSecretOf(tenant: string): Promise<string> {
  return (await simulated(tenant)).clientSecret;
}

function sending(method: string, body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

export async function setFaults(tenant: string, faults: Faults): Promise<void> {
  await control(`/tenants/${await directoryOf(tenant)}/faults`, sending("PUT", faults));
}

/** Lets whatever asks this tenant's Graph wait until it is healed, so that a run lasts as long as a journey looks at it. */
export async function holdAnswers(tenant: string): Promise<void> {
  await setFaults(tenant, { delayMs: 60_000 });
}

/** Adds a policy to a simulated tenant, as its administrator would; returns its id. */
export async function addPolicy(tenant: string, kind: string, object: object): Promise<string> {
  const path = `/tenants/${await directoryOf(tenant)}/policies`;
  const answer = await control(path, sending("POST", { kind, object }));
  return ((await answer.json()) as { id: string }).id;
}

export async function changePolicy(tenant: string, id: string, properties: object): Promise<void> {
  await control(`/tenants/${await directoryOf(tenant)}/policies/${id}`, sending("PATCH", properties));
}

/** The policies of a simulated tenant whose names begin so. */
export async function policiesNamed(tenant: string, beginning: string): Promise<{ id: string; name: string }[]> {
  const all = await (await control(`/tenants/${await directoryOf(tenant)}/policies`)).json();
  return (all as { id: string; name: string }[]).filter((one) => one.name.startsWith(beginning));
}

/** Adds a security group to a simulated tenant; returns its id. */
export async function addGroup(tenant: string, displayName: string): Promise<string> {
  const answer = await control(`/tenants/${await directoryOf(tenant)}/groups`, sending("POST", { displayName }));
  return ((await answer.json()) as { id: string }).id;
}

/** Asks the simulated Graph as the tenant's application, past the product. */
export async function askGraph<T>(tenant: string, path: string): Promise<T> {
  const { directoryId, clientId, clientSecret } = await simulated(tenant);
  const scope = "https://graph.microsoft.com/.default";
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope };
  const signedIn = await fetch(`${simulator}/${directoryId}/oauth2/v2.0/token`, { method: "POST", body: new URLSearchParams(form) });
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const answer = await fetch(`${simulator}${path}`, { headers: { authorization: `Bearer ${access_token}` } });
  expect(answer.ok, `${path} answered ${answer.status}`).toBe(true);
  return (await answer.json()) as T;
}

export async function healAll(): Promise<void> {
  const tenants = (await (await control("/tenants")).json()) as SimulatedTenant[];
  for (const tenant of tenants) await setFaults(tenant.displayName, {});
}

/** How many requests the simulated Graph has had in all. */
export async function graphRequests(): Promise<number> {
  return ((await (await control("/requests")).json()) as { total: number }).total;
}

/** How many of them it has answered with this status. */
export async function answeredWith(status: number): Promise<number> {
  const { statuses } = (await (await control("/requests")).json()) as { statuses: Record<string, number> };
  return statuses[status] ?? 0;
}

/** Any script error, refused resource or failed hydration on the page fails the test that opened it. */
export function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(message.text())) {
      problems.push(`console: ${message.text()}`);
    }
  });
  return problems;
}

export async function signIn(page: Page, who = DEMO, next = "/tenants"): Promise<void> {
  await page.goto(`/login?next=${encodeURIComponent(next)}`);
  await page.getByLabel("Email").fill(who.email);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === next.split("?")[0]);
}

/** What one of the program's own commands prints. */
function command(args: string[], input = ""): string {
  const url = process.env.DATABASE_URL ?? readFileSync(join(process.env.E2E_DATA_DIR!, "database-url"), "utf8").trim();
  const binary = process.env.TENANTATLAS_BIN ?? "../target/debug/tenantatlas";
  return execFileSync(binary, args, { input, env: { ...process.env, DATABASE_URL: url }, encoding: "utf8" });
}

/** Makes a person with a role on each of these tenants ("1=operator"), with the program's own command. */
export function createPerson(name: string, roles: string[] = []): typeof DEMO {
  const person = { email: `${name.toLowerCase()}-${Date.now()}@tenantatlas.test`, password: `the password of ${name}` };
  const given = roles.flatMap((role) => ["--role", role]);
  command(["user", "create", "--email", person.email, "--name", name, ...given], person.password);
  return person;
}

/** A token with this person's rights, as programs have one. */
export function createToken(email: string): string {
  return command(["token", "create", "--email", email, "--name", "journeys"]).trim();
}

/** Waits until scripts have taken over the page. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("[data-live=live]")).toBeAttached();
}

export async function openTenant(page: Page, name: string): Promise<void> {
  await page.goto("/tenants");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** On the notifications page: marks all as read, if there is anything unread. */
export async function readAll(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: /mark all/i });
  if ((await button.count()) > 0 && (await button.isEnabled())) await button.click();
}

/** The state that the run's page shows; text and attributes must agree. */
export function runState(page: Page) {
  return page.locator("main [data-run-id] [data-status], main [data-status]").first();
}

export async function expectEnded(page: Page, outcome: "succeeded" | "partially_succeeded" | "failed") {
  const words = { succeeded: "Succeeded", partially_succeeded: "Partially succeeded", failed: "Failed" };
  await expect(runState(page)).toHaveAttribute("data-outcome", outcome, { timeout: 45_000 });
  await expect(runState(page)).toHaveAttribute("data-status", "completed");
  await expect(runState(page)).toContainText(words[outcome]);
}

/** The page as it stands breaks no accessibility rule. */
export async function expectAccessible(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true } } }).analyze();
  expect(violations.map(({ id, nodes }) => [page.url(), id, nodes.map((node) => node.html)])).toEqual([]);
}

/** The page as it stands is not cut off on the narrowest of phones. */
export async function expectFitsPhone(page: Page): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, page.url()).toBeLessThanOrEqual(0);
  if (before) await page.setViewportSize(before);
}

export const test = base.extend<{ page: Page; person: Page; secondBrowser: BrowserContext }>({
  page: async ({ page }, use) => {
    const problems = watch(page);
    await use(page);
    expect(problems).toEqual([]);
  },
  /** A page that is signed in as the demo administrator. */
  person: async ({ page }, use) => {
    await signIn(page);
    await use(page);
  },
  secondBrowser: async ({ browser }, use) => {
    const context = await browser.newContext();
    await use(context);
    await context.close();
  },
});

export { expect };
