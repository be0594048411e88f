import type { Command } from "commander";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiOutput } from "../api/objects.js";
import { addInspectAndRemove, findPart } from "./bucket-parts.js";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { headerMap } from "./header-map.js";
import { gather, wholeNumber } from "./option-parsers.js";
import { type OutputType, outputTypeOption } from "./output-type.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

interface OutputFlags {
  readonly bucket: string;
  readonly destination: string;
  readonly type: OutputType;
  readonly function?: string;
  readonly responseFunction?: string;
  readonly lockPath?: boolean;
  readonly timeout?: number;
  readonly header: readonly string[];
}

interface OutputChanges {
  readonly bucket: string;
  readonly destination?: string;
  readonly type?: OutputType;
  readonly timeout?: number;
  readonly header: readonly string[];
}

/** `relay output`: thin over REST. */
export function addOutputCommands(program: Command, { api }: CommandContext): void {
  const output = program.command("output").description("list and change outputs (destinations)");
  output
    .command("ls")
    .description("list the outputs of a bucket")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .option("--json", "print JSON")
    .action(
      api<[{ bucket: string; json?: boolean }]>(async ({ api, terminal }, flags) => {
        const { outputs } = await requireBucket(api, flags.bucket);
        if (flags.json === true) return printJson(terminal, outputs ?? []);
        const rows = (outputs ?? []).map((one) => [
          one.id,
          one.name,
          one.internal === true ? "internal" : "public",
          one.destination,
        ]);
        printTable(terminal, ["ID", "NAME", "TYPE", "DESTINATION"], rows);
      }),
    );
  output
    .command("create <name>")
    .description("create an output")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .requiredOption("-d, --destination <url>", "absolute http or https URL")
    .addOption(outputTypeOption().default("internal"))
    .option("--function <function>", "function that its webhooks pass through, by name or id")
    .option("--response-function <function>", "function that runs when a delivery is over, by name or id")
    .option("--lock-path", "drop the extra path of webhooks")
    .option("--timeout <seconds>", "longest call", wholeNumber(0, 180))
    .option("--header <k=v>", "set a request header; repeatable", gather, [])
    .action(
      api<[string, OutputFlags]>(async ({ api, terminal }, name, flags) => {
        const { id } = await requireBucket(api, flags.bucket);
        const created = await api.json<ApiOutput>("POST", `/v1/buckets/${id}/outputs`, {
          name,
          destination: flags.destination,
          internal: flags.type === "internal",
          lock_path: flags.lockPath === true,
          timeout: flags.timeout,
          tls_verification: true,
          headers: headerMap(flags.header),
          function: flags.function,
          response_function: flags.responseFunction,
        });
        printLine(terminal, `Created output ${created.name} (${created.id})`);
      }),
    );
  output
    .command("update <output>")
    .description("change what is named, keep the rest")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .option("-d, --destination <url>", "absolute http or https URL")
    .addOption(outputTypeOption())
    .option("--timeout <seconds>", "longest call; 0 for the agent's own limit", wholeNumber(0, 180))
    .option("--header <k=v>", "set a request header instead of those set before; repeatable", gather, [])
    .action(
      api<[string, OutputChanges]>(async ({ api, terminal }, name, flags) => {
        const changes = {
          ...(flags.destination === undefined ? {} : { destination: flags.destination }),
          ...(flags.type === undefined ? {} : { internal: flags.type === "internal" }),
          ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
          ...(flags.header.length === 0 ? {} : { headers: headerMap(flags.header) }),
        };
        if (Object.keys(changes).length === 0) {
          throw new CliError("nothing to change: give --destination, --type, --timeout or --header", EXIT.usage);
        }
        const bucket = await requireBucket(api, flags.bucket);
        const { id } = findPart(bucket, "output", name);
        // Without a name the server keeps everything that is not sent.
        const changed = await api.json<ApiOutput>("PUT", `/v1/buckets/${bucket.id}/outputs/${id}`, changes);
        printLine(terminal, `Updated output ${changed.name} (${changed.id}): ${changed.destination}`);
      }),
    );
  addInspectAndRemove(output, "output", api);
}
