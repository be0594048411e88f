import { afterEach, describe, expect, test } from "vitest";
import { describeTerraform } from "./support/describe-engine.js";
import { timeProviderFolder } from "./support/engines.js";
import { makeTerraformProject, type ProviderSources, type TerraformProject } from "./support/terraform-project.js";

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

const folder = timeProviderFolder();

// The support for tests of providers, proven with a provider that is not ours.
describe.skipIf(folder === undefined)("a project with HashiCorp's time provider", () => {
  describeTerraform("dev_overrides", (engine) => {
    let project: TerraformProject;
    afterEach(() => project.close());
    const make = async () => {
      const providers: ProviderSources = { devOverrides: { [SOURCE]: folder ?? "" } };
      project = await makeTerraformProject(engine, { files: { "main.tf": CONFIGURATION }, providers });
    };

    test("plans, applies that plan, and then plans nothing", async () => {
      await make();
      const plan = await project.plan();
      expect(plan.changes).toBe(true);
      expect(plan.actions).toEqual({
        "time_offset.later": ["create"],
        "time_static.start": ["create"],
      });
      await project.apply(plan);
      expect(await project.outputs()).toEqual({ later: "2025-02-03T04:05:06Z" });
      expect(await project.resource("time_offset.later")).toMatchObject({ year: 2025, offset_years: 1 });
      expect(await project.stateText()).toContain("2025-02-03T04:05:06Z");
      const again = await project.plan();
      expect(again.changes).toBe(false);
      expect(again.actions).toEqual({});
    });

    test("updates, imports and destroys", async () => {
      await make();
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
      await make();
      const failed = await project.tryPlan(["-var=years=none"]);
      expect(failed.exitCode).toBe(1);
      expect(failed.text).toContain("a number is required.");
      await expect(project.plan(["-var=years=none"])).rejects.toThrow("Invalid value for input variable");
    });
  });
});
