import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { waitFor } from "../../server/test/support/wait-for.js";
import { describeTerraform } from "./support/describe-engine.js";
import { timeProvider } from "./support/engines.js";
import { layOutMirror } from "./support/lay-out-mirror.js";
import { startCommand } from "./support/run-command.js";
import {
  makeTerraformProject,
  type ProviderSources,
  type ReattachProvider,
  type TerraformProject,
} from "./support/terraform-project.js";

const SOURCE = "relay.test/hashicorp/time";
const CONFIGURATION = `
terraform {
  required_providers {
    time = { source = "${SOURCE}" }
  }
}
variable "years" {
  type    = number
  default = 1
}
resource "time_offset" "later" {
  base_rfc3339 = "2024-02-03T04:05:06Z"
  offset_years = var.years
}
resource "time_static" "start" {
  # What an import leaves there.
  triggers = {}
}
output "later" {
  value = time_offset.later.rfc3339
}
`;

const SLEEP = `
terraform {
  required_providers {
    time = { source = "${SOURCE}" }
  }
}
resource "time_sleep" "long" {
  create_duration = "10m"
}
`;

/** Processes with this text in their environment, where the system tells. */
async function processesOf(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")));
  return pids.filter((_, index) => environments[index]?.includes(text));
}

const time = timeProvider();

// The support for tests of providers, proven with a provider that is not ours.
describe.skipIf(time === undefined)("a project with HashiCorp's time provider", () => {
  const { folder, file } = time ?? { folder: "", file: "" };

  describeTerraform("works", (engine) => {
    let project: TerraformProject | undefined;
    afterEach(async () => {
      await project?.close();
      project = undefined;
    });
    const make = async (
      providers: ProviderSources = { devOverrides: { [SOURCE]: folder } },
      configuration = CONFIGURATION,
    ) => {
      project = await makeTerraformProject(engine, { files: { "main.tf": configuration }, providers });
      return project;
    };

    test("plans, applies that plan, and then plans nothing", async () => {
      const project = await make();
      const plan = await project.plan();
      expect(plan.changes).toBe(true);
      expect(plan.actions).toEqual({ "time_offset.later": ["create"], "time_static.start": ["create"] });
      await project.apply(plan);
      expect(await project.outputs()).toEqual({ later: "2025-02-03T04:05:06Z" });
      expect(await project.resource("time_offset.later")).toMatchObject({ year: 2025, offset_years: 1 });
      expect(await project.stateText()).toContain("2025-02-03T04:05:06Z");
      const again = await project.plan();
      expect(again.changes).toBe(false);
      expect(again.actions).toEqual({});
    });

    test("updates, imports and destroys", async () => {
      const project = await make();
      await project.apply();
      const plan = await project.plan([], { env: { TF_VAR_years: "2" } });
      expect(plan.actions).toEqual({ "time_offset.later": ["update"] });
      await project.apply(plan);
      expect(await project.outputs()).toEqual({ later: "2026-02-03T04:05:06Z" });
      await project.must(["state", "rm", "time_static.start"]);
      expect(await project.resource("time_static.start")).toBeUndefined();
      const imported = await project.import("time_static.start", "2023-01-01T00:00:00Z");
      expect(imported.exitCode, imported.text).toBe(0);
      expect(await project.resource("time_static.start")).toMatchObject({ year: 2023 });
      expect((await project.plan([], { env: { TF_VAR_years: "2" } })).actions).toEqual({});
      await project.destroy();
      expect((await project.state()).values).toBeUndefined();
    });

    test("gives exit code and text of what fails", async () => {
      const project = await make();
      const failed = await project.tryPlan(["-var=years=none"]);
      expect(failed.exitCode).toBe(1);
      expect(failed.text).toContain("a number is required.");
      await expect(project.plan(["-var=years=none"])).rejects.toThrow("Invalid value for input variable");
    });

    test("is interrupted as by Ctrl-C", async () => {
      const project = await make(undefined, SLEEP);
      // Terraform's "Creating..." comes before it asks the provider, which would not see a stop that is earlier still.
      const apply = project.start(["apply", "-auto-approve", "-no-color"], { env: { TF_LOG_PROVIDER: "TRACE" } });
      await waitFor("the provider at work", () => apply.output.includes("Calling provider defined Resource Create"));
      apply.killGroup("SIGINT");
      const { exitCode, text } = await apply.done;
      expect(exitCode).toBe(1);
      expect(text).toContain("Interrupt received.");
    });

    test.runIf(process.platform === "linux")("leaves no process behind when the engine was killed", async () => {
      const project = await make(undefined, SLEEP);
      const apply = project.start(["apply", "-auto-approve", "-no-color"]);
      await waitFor("the resource being made", () => apply.output.includes("time_sleep.long: Creating..."));
      expect((await processesOf(project.folder)).length).toBeGreaterThan(1);
      apply.kill("SIGKILL");
      expect((await apply.done).signal).toBe("SIGKILL");
      await project.close();
      // The kernel takes a moment to bury the killed.
      await expect.poll(() => processesOf(project.folder), { timeout: 10_000 }).toEqual([]);
    });

    test("installs from a filesystem mirror", async () => {
      const mirror = await mkdtemp(join(tmpdir(), "relay-mirror-"));
      try {
        await layOutMirror(mirror, { source: SOURCE, version: "0.14.2", executable: file });
        const project = await make({ filesystemMirror: mirror });
        expect((await project.init()).text).toContain(`Installed ${SOURCE} v0.14.2`);
        await project.apply();
        expect((await project.plan()).actions).toEqual({});
      } finally {
        await rm(mirror, { recursive: true, force: true });
      }
    });

    test("speaks to a provider that already runs", async () => {
      const provider = startCommand(file, ["-debug"], { cwd: tmpdir(), env: { HOME: tmpdir() } });
      try {
        const json = await waitFor(
          "the provider's address",
          () => /^\s*TF_REATTACH_PROVIDERS='(.*)'/m.exec(provider.output)?.[1],
        );
        const [reattach] = Object.values(JSON.parse(json) as Record<string, ReattachProvider>);
        if (reattach === undefined) throw new Error(`no address in ${json}`);
        const project = await make({ reattach: { [SOURCE]: reattach } });
        await project.apply();
        expect((await project.plan()).actions).toEqual({});
      } finally {
        await provider.end();
      }
    });
  });
});
