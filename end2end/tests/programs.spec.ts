// What a program does with a token, against the description that it was written from.
import { Ajv2020 } from "ajv/dist/2020.js";
import { createPerson, createToken, DEMO, expect, healAll, setFaults, test } from "../fixtures.ts";
import type { APIRequestContext } from "@playwright/test";

type Description = { paths: Record<string, Record<string, unknown>> };
type Run = { id: number; state: { status: string; outcome?: string } };

test.beforeEach(healAll);

/** Asks as a program with this token; answers that are not as the description says fail the journey. */
async function program(request: APIRequestContext, token: string) {
  const description = (await (await request.get("/openapi.json")).json()) as Description;
  // Formats such as date-time are notes to readers, and the members around the schemas are not the validator's.
  const known = new Ajv2020({ strict: false, validateFormats: false }).addSchema(description, "openapi");
  const asked = new Set<string>();
  const pointer = (path: string, method: string, status: string) => {
    const part = `/paths/${path.replaceAll("/", "~1")}/${method}/responses/${status}`;
    return `openapi#${part}/content/application~1json/schema`;
  };
  async function ask<T>(path: string, form?: Record<string, string | number>, refused?: number): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
    const method = path.startsWith("/api/") ? "post" : "get";
    const answer = await request[method](path, { headers, form });
    const [bare] = path.split("?");
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(refused ?? 200);
    const where = refused ? "openapi#/components/responses/Refused/content/application~1json/schema" : pointer(bare, method, "200");
    const body = await answer.json();
    const fits = known.getSchema(where);
    expect(fits, `the description says what ${path} answers`).toBeDefined();
    expect(fits!(body), `${path}: ${JSON.stringify(fits!.errors)}`).toBe(true);
    asked.add(`${method} ${bare}`);
    return body as T;
  }
  const described = Object.entries(description.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  return { ask, asked, described };
}

test("every call that is described answers as described", async ({ request }) => {
  const { ask, asked, described } = await program(request, createToken(DEMO.email));
  const ended = async (run: Run) => {
    const detail = () => ask<{ run: Run }>("/api/run_detail", { run: run.id });
    await expect.poll(async () => (await detail()).run.state.status, { timeout: 60_000 }).toBe("completed");
    return (await detail()).run.state;
  };

  const tenants = await ask<{ id: number; name: string }[]>("/api/tenant_list");
  const { id: tenant_id } = tenants.find((tenant) => tenant.name === "Fabrikam")!;
  await setFaults("Fabrikam", { forbiddenKinds: ["deviceManagementScripts"] });
  const start = { tenant_id, operation_type: "inventory.sync" };
  const first = await ask<{ run: Run; created: boolean }>("/api/start_operation", start);
  expect(first.created).toBe(true);
  expect(await ended(first.run)).toMatchObject({ outcome: "partially_succeeded" });
  await healAll();

  const failed = await ask<{ rows: { id: number }[] }>("/api/run_items", { run: first.run.id, "filters[items]": "failed" });
  expect(failed.rows.length).toBeGreaterThan(0);
  const retried = await ask<{ run: Run }>("/api/retry_failed_items", { run: first.run.id });
  expect(await ended(retried.run)).toMatchObject({ outcome: "succeeded" });
  const again = await ask<{ run: Run }>("/api/run_again", { run: first.run.id });
  expect(await ended(again.run)).toMatchObject({ outcome: "succeeded" });
  const backup = await ask<{ run: Run }>("/api/back_up_now", { tenant_id });
  expect(await ended(backup.run)).toMatchObject({ outcome: "succeeded" });

  const filters = { "filters[tenant]": tenant_id, "filters[outcome]": "partially_succeeded" };
  const { page } = await ask<{ page: { rows: Run[] } }>("/api/run_list", filters);
  expect(page.rows.map((run) => run.id)).toContain(first.run.id);
  const exported = await ask<{ id: number }[]>(`/runs/export.json?tenant=${tenant_id}`);
  expect(exported.map((run) => run.id)).toEqual(expect.arrayContaining([first, retried, again, backup].map(({ run }) => run.id)));

  await ask("/openapi.json");
  expect([...asked].sort()).toEqual(described.sort());
});

test("what a program must not do or can't mean is refused in the described form", async ({ request }) => {
  const nobody = await program(request, "no such token");
  expect(await nobody.ask("/api/tenant_list", undefined, 401)).toEqual({ error: "not_signed_in" });
  const reader = createPerson("Robin", ["1=readonly"]);
  const { ask } = await program(request, createToken(reader.email));
  const start = { tenant_id: 1, operation_type: "inventory.sync" };
  expect(await ask("/api/start_operation", start, 403)).toMatchObject({ error: "not_allowed" });
  expect(await ask("/api/start_operation", { ...start, tenant_id: 2 }, 404)).toEqual({ error: "not_found" });
  expect(await ask("/api/run_list", { "filters[status]": "sleeping" }, 400)).toEqual({
    error: "invalid",
    message: "status: it is queued, running or completed",
  });
});
