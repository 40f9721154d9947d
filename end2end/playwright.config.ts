// Journeys through the built product: one server, real PostgreSQL, the simulated Graph, Chromium.
import { defineConfig } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Evaluated again in every worker process, so what must be the same everywhere is put into the environment.
process.env.E2E_DATA_DIR ??= mkdtempSync(join(tmpdir(), "ta-e2e-"));
process.env.E2E_PORT ??= String(20_000 + Math.floor(Math.random() * 10_000));
const port = Number(process.env.E2E_PORT);
const binary = process.env.TENANTATLAS_BIN ?? "../target/debug/tenantatlas";

export default defineConfig({
  testDir: "tests",
  // The journeys share tenants and their faults, so they follow one another.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: `${binary} dev`,
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    stdout: "pipe",
    env: {
      TENANTATLAS_ADDR: `127.0.0.1:${port}`,
      TENANTATLAS_SIMULATOR_ADDR: `127.0.0.1:${port + 1}`,
      TENANTATLAS_DATA_DIR: process.env.E2E_DATA_DIR,
      TENANTATLAS_SITE_DIR: "../target/site",
      TENANTATLAS_DEMO_PASSWORD: "a password for journeys",
    },
  },
});
