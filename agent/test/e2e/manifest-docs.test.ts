import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { ManifestProgram } from "./support/manifest-program.js";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const docs = readFileSync(new URL("../../../docs/manifest.md", import.meta.url), "utf8");

const blocks = [...docs.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = ""]) => ({ language, text }));

let server: TestServer;
let program: ManifestProgram;

beforeAll(async () => {
  server = await runServer();
  program = new ManifestProgram(server);
});
afterAll(async () => {
  program?.remove();
  await server?.close();
});

/** A script of the documentation, run where its files are, `relay` being the program. */
function shell(script: string): { code: number | null; output: string } {
  program.write("bin/relay", `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(program.path("bin/relay"), 0o755);
  const ended = spawnSync("sh", ["-c", script], {
    cwd: program.directory,
    encoding: "utf8",
    env: program.environment({ PATH: `${program.path("bin")}:${process.env.PATH}` }),
  });
  return { code: ended.status, output: `${ended.stdout}${ended.stderr}` };
}

test("the commands of the documentation do what it says", () => {
  program.write("relay.yaml", blocks.find(({ text }) => text.startsWith("# relay.yaml"))?.text);
  const script = blocks.find(({ language, text }) => language === "sh" && text.includes("relay apply"))?.text ?? "";
  // Changes end a plan with 2, and everything else with 0.
  const { code, output } = shell(`set -e\n${script.replace(/^relay plan.*$/m, "$& && exit 9 || [ $? = 2 ]")}`);
  expect([code, output]).toEqual([0, expect.stringContaining("Applied: 4 created")]);
  expect(output).toContain('"name":"shop"');
  expect(output).toContain("No changes: everything is as the manifest says.");
  expect(readFileSync(program.path("exported.yaml"), "utf8")).toContain("RELAY_SHOP_GITHUB_AUTH_PASSWORD");
});

test("the TypeScript example is a manifest", () => {
  const example = blocks.find(({ language }) => language === "ts")?.text ?? "";
  program.write("services.mjs", example.replace(/^import .*\n/, "const defineManifest = (value) => value;\n"));
  expect(shell("relay validate -f services.mjs")).toEqual({ code: 0, output: "The manifest is valid.\n" });
});

test("the step of the workflow takes changes for no failure, and failures for one", () => {
  const workflow = parse(blocks.find(({ text }) => text.startsWith("# .github/workflows/relay.yml"))?.text ?? "");
  const step = (workflow.jobs.plan.steps as { name?: string; run?: string }[]).find(({ name }) => name === "Plan")?.run;
  program.write("relay.yaml", "manifest: 1\nname: ci\nbuckets: {from-ci: {}}\n");
  expect(shell(`set -e\n${step}`).code).toBe(0);
  expect(readFileSync(program.path("plan.md"), "utf8")).toContain("<!-- relay-plan: ci -->");
  program.write("relay.yaml", "manifest: 1\nname: ci\nbuckets: {from-ci: {x: 1}}\n");
  expect(shell(`set -e\n${step}`).code).toBe(1);
});

test("relay schema manifest is the schema that is checked in", () => {
  const checkedIn = new URL("../../../provider-schema/generated/manifest.schema.json", import.meta.url);
  const { code, output } = shell("relay schema manifest");
  expect([code, JSON.parse(output)]).toEqual([0, JSON.parse(readFileSync(checkedIn, "utf8"))]);
});

test("the example of a whole team is valid in all its environments", () => {
  const stack = fileURLToPath(new URL("../../../stacks/manifest/relay.yaml", import.meta.url));
  const output = "The manifest is valid with its environments dev, staging, prod.\n";
  expect(shell(`relay validate -f '${stack}'`)).toEqual({ code: 0, output });
});
