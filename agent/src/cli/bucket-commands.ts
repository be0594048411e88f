import type { Command } from "commander";
import { inputUrl } from "../api/ensure-route.js";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiBucket } from "../api/objects.js";
import type { CommandContext } from "./command-context.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

/** `relay bucket`: thin over REST. */
export function addBucketCommands(program: Command, { api }: CommandContext): void {
  const bucket = program.command("bucket").description("list and change buckets");
  bucket
    .command("ls")
    .description("list buckets")
    .option("--json", "print JSON")
    .action(
      api<[{ json?: boolean }]>(async ({ api, terminal }, flags) => {
        const buckets = (await api.json<readonly ApiBucket[] | null>("GET", "/v1/buckets")) ?? [];
        if (flags.json === true) return printJson(terminal, buckets);
        const rows = buckets.map((b) => [b.id, b.name, String(b.inputs?.length ?? 0), String(b.outputs?.length ?? 0)]);
        printTable(terminal, ["ID", "NAME", "INPUTS", "OUTPUTS"], rows);
      }),
    );
  bucket
    .command("create <name>")
    .description("create a bucket with its default input")
    .option("--description <text>")
    .option("--ephemeral", "never write bodies, headers and queries to disk")
    .action(
      api<[string, { description?: string; ephemeral?: boolean }]>(async ({ api, terminal }, name, flags) => {
        const created = await api.json<ApiBucket>("POST", "/v1/buckets", { name, stream: true, ...flags });
        printLine(terminal, `Created bucket ${created.name} (${created.id})`);
        for (const input of created.inputs ?? []) printLine(terminal, inputUrl(api, input));
      }),
    );
  bucket
    .command("inspect <bucket>")
    .description("print one bucket as JSON")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        const { id } = await requireBucket(api, name);
        printJson(terminal, await api.json("GET", `/v1/buckets/${id}`));
      }),
    );
  bucket
    .command("rm <bucket>")
    .description("delete a bucket")
    .option("-f, --force", "with its inputs, outputs and webhooks")
    .action(
      api<[string, { force?: boolean }]>(async ({ api, terminal }, name, flags) => {
        const { id } = await requireBucket(api, name);
        await api.json("DELETE", `/v1/buckets/${id}${flags.force === true ? "?force=true" : ""}`);
        printLine(terminal, `Deleted bucket ${name}`);
      }),
    );
}
