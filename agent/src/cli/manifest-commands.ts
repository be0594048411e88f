import { type Command, Option } from "commander";
import type { ApplyFlags } from "./apply.js";
import type { CommandContext } from "./command-context.js";
import type { DiffFlags } from "./diff.js";
import type { ExportFlags } from "./export.js";
import { gather } from "./option-parsers.js";
import type { PlanFlags } from "./plan.js";
import type { ValidateFlags } from "./validate.js";

/**
 * The commands that deal with manifests. Their parsers and schemas are loaded where they are used only: an agent that runs
 * for months should not carry them.
 */
export function addManifestCommands(program: Command, { terminal, action, api }: CommandContext): void {
  fileOptions(program.command("validate").description("check a manifest, all of it at once; asks no server"))
    .option("--json", "print JSON")
    .action(
      action<[ValidateFlags]>(async (flags) => {
        const { validate } = await import("./validate.js");
        return validate(terminal, flags);
      }),
    );
  viewOptions(planOptions(program.command("plan").description("show what a manifest would change; changes nothing")))
    .option("-o, --out <file>", "keep the plan for relay apply --plan")
    .action(
      api<[PlanFlags]>(async ({ api, terminal }, flags) => {
        const { plan } = await import("./plan.js");
        return plan(api, terminal, flags);
      }),
    );
  planOptions(program.command("apply").description("show the plan of a manifest, ask, and make exactly these changes"))
    .option("--plan <file>", "make the changes of this plan (relay plan -o) without asking, or none")
    .option("--auto-approve", "do not ask")
    .option("--secrets-out <file>", "where the secrets of new tokens go: JSON that only this user can read")
    .option("--show-secrets", "print the secrets of new tokens")
    .option("--json", "print what was done as JSON")
    .option("--no-color", "no colours")
    .action(
      api<[ApplyFlags]>(async ({ api, terminal }, flags) => {
        const { apply } = await import("./apply.js");
        return apply(api, terminal, flags);
      }),
    );
  viewOptions(
    planOptions(
      program
        .command("diff [name]")
        .description("the plan of a manifest (-f), or how the world drifted from what was last applied under a name"),
    ),
  ).action(
    api<[string | undefined, DiffFlags]>(async ({ api, terminal }, name, flags) => {
      const { diff } = await import("./diff.js");
      return diff(api, terminal, name, flags);
    }),
  );
  program
    .command("export")
    .description("write the manifest of what exists")
    .option("--manifest <name>", "only what this manifest manages")
    .option("-o, --out <file>", "default: standard output")
    .addOption(new Option("--format <format>").choices(["yaml", "json", "ts"]).default("yaml"))
    .action(
      api<[ExportFlags]>(async ({ api, terminal }, flags) => {
        const { exportManifest } = await import("./export.js");
        return exportManifest(api, terminal, flags);
      }),
    );
  program
    .command("schema")
    .description("print the JSON Schema of a kind of file, for editors")
    .command("manifest")
    .description("of manifests")
    .action(
      action(async () => {
        const { manifestSchemaCommand } = await import("./schema.js");
        return manifestSchemaCommand(terminal);
      }),
    );
}

function fileOptions(command: Command): Command {
  return command
    .option("-f, --file <file>", "manifest, or folder of them; - for standard input; repeatable", gather, [])
    .option("-e, --environment <name>", "with the changes under environments.NAME");
}

function planOptions(command: Command): Command {
  return fileOptions(command)
    .option("--name <name>", "name of the manifest (default: what it says itself)")
    .option(
      "--adopt <address>",
      "take over an object of others, such as bucket/github; * for all; repeatable",
      gather,
      [],
    )
    .option("--allow-undelivered-loss", "delete buckets even with undelivered webhooks in them");
}

function viewOptions(command: Command): Command {
  return command
    .addOption(new Option("--json", "print JSON").conflicts("markdown"))
    .option("--markdown", "print Markdown for a comment of a pull request")
    .option("--no-color", "no colours");
}
