import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describePulumi, describeTerraform } from "./support/describe-engine.js";
import type { TerraformEngine } from "./support/engines.js";
import { makePulumiProject } from "./support/pulumi-project.js";
import { PROVIDER_FOLDER, relayEnvironment, SDK_FOLDER } from "./support/relay-pulumi.js";
import { mustSucceed, startCommand } from "./support/run-command.js";
import { makeTerraformProject } from "./support/terraform-project.js";

const ENVIRONMENTS = ["dev", "staging", "prod"];
const ALERTS_TOKEN = "what the monitoring system sends";
const STACKS = fileURLToPath(new URL("../../stacks", import.meta.url));
const RELAY = fileURLToPath(new URL("../../agent/dist/main.js", import.meta.url));

const servers: TestServer[] = [];
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function newServer(): Promise<TestServer> {
  const server = await runServer();
  servers.push(server);
  return server;
}

async function filesOf(folder: string, ending: string): Promise<Record<string, string>> {
  const names = (await readdir(join(STACKS, folder))).filter((name) => name.endsWith(ending));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(STACKS, folder, name), "utf8")] as const)),
  );
}

const manifests = new Map<string, unknown>();

/** What the server has after the manifest of the team was applied: once for each environment. */
async function exportOfManifest(environment: string): Promise<unknown> {
  const known = manifests.get(environment) ?? (await applyManifest(environment));
  manifests.set(environment, known);
  return known;
}

async function applyManifest(environment: string): Promise<unknown> {
  const server = await newServer();
  const folder = await mkdtemp(join(tmpdir(), "relay-stacks-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const args = [
    "apply",
    "-f",
    "relay.yaml",
    "-e",
    environment,
    "--auto-approve",
    "--secrets-out",
    join(folder, "agent.json"),
  ];
  const env = { PATH: process.env.PATH ?? "", HOME: folder, ALERTS_TOKEN, ...relayEnvironment(server) };
  const running = startCommand(process.execPath, [RELAY, ...args], { cwd: join(STACKS, "manifest"), env });
  mustSucceed(await running.done);
  return server.must("GET", "/v1/export");
}

async function exportOfTerraform(engine: TerraformEngine, environment: string): Promise<unknown> {
  const server = await newServer();
  const project = await makeTerraformProject(engine, {
    files: await filesOf("terraform", ".tf"),
    providers: { devOverrides: { "relay.local/relay/relay": PROVIDER_FOLDER } },
    env: { ...relayEnvironment(server), TF_VAR_environment: environment, TF_VAR_alerts_token: ALERTS_TOKEN },
  });
  cleanups.push(() => project.close());
  await project.apply();
  expect((await project.plan()).actions).toEqual({});
  return server.must("GET", "/v1/export");
}

describePulumi("the team's Pulumi program", (engine) => {
  test.each(ENVIRONMENTS)(
    "leaves the same in %s as its manifest",
    async (environment) => {
      const server = await newServer();
      const project = await makePulumiProject(engine, {
        program: await filesOf("pulumi", ".ts"),
        providers: { relay: PROVIDER_FOLDER },
        packages: { "@relay/pulumi": SDK_FOLDER },
        env: { ...relayEnvironment(server), ALERTS_TOKEN },
      });
      cleanups.push(() => project.close());
      await project.config("environment", environment);
      await project.up();
      await project.up(["--expect-no-changes"]);
      const left = await server.must("GET", "/v1/export");
      expect(Object.keys(left.content.buckets)).toHaveLength(environment === "dev" ? 2 : 3);
      expect(left).toEqual(await exportOfManifest(environment));
    },
    120_000,
  );
});

describeTerraform("the team's configuration", (engine) => {
  test.each(ENVIRONMENTS)(
    "leaves the same in %s as its manifest",
    async (environment) => {
      expect(await exportOfTerraform(engine, environment)).toEqual(await exportOfManifest(environment));
    },
    120_000,
  );
});
