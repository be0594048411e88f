import type { Command } from "commander";
import { inputUrl } from "../api/ensure-route.js";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiBucket, ApiInput, ApiOutput } from "../api/objects.js";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { gather, wholeNumber } from "./option-parsers.js";
import { type OutputType, outputTypeOption, requireInternal } from "./output-type.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

/** `relay bucket`, `relay input` and `relay output`: thin over REST. */
export function addBucketCommands(program: Command, context: CommandContext): void {
  addBucket(program.command("bucket").description("list and change buckets"), context);
  addInput(program.command("input").description("list and change inputs (public endpoints)"), context);
  addOutput(program.command("output").description("list and change outputs (destinations)"), context);
}

function addBucket(bucket: Command, { api }: CommandContext): void {
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

function addInput(input: Command, { api }: CommandContext): void {
  input
    .command("ls")
    .description("list the inputs of a bucket")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .option("--json", "print JSON")
    .action(
      api<[{ bucket: string; json?: boolean }]>(async ({ api, terminal }, flags) => {
        const { inputs } = await requireBucket(api, flags.bucket);
        if (flags.json === true) return printJson(terminal, inputs ?? []);
        const rows = (inputs ?? []).map((one) => [one.id, one.name, inputUrl(api, one)]);
        printTable(terminal, ["ID", "NAME", "URL"], rows);
      }),
    );
  input
    .command("create <name>")
    .description("create an input")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .option("--status-code <code>", "status of the static response", wholeNumber(200, 599))
    .option("--response-body <text>", "body of the static response")
    .action(
      api<[string, { bucket: string; statusCode?: number; responseBody?: string }]>(
        async ({ api, terminal }, name, flags) => {
          const { id } = await requireBucket(api, flags.bucket);
          const body = { name, status_code: flags.statusCode, body: flags.responseBody };
          const created = await api.json<ApiInput>("POST", `/v1/buckets/${id}/inputs`, body);
          printLine(terminal, `Created input ${created.name} (${created.id})`);
          printLine(terminal, inputUrl(api, created));
        },
      ),
    );
  addInspectAndRemove(input, "input", api);
}

function addOutput(output: Command, { api }: CommandContext): void {
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
    .addOption(outputTypeOption())
    .option("--lock-path", "drop the extra path of webhooks")
    .option("--timeout <seconds>", "longest call", wholeNumber(0, 180))
    .option("--header <k=v>", "set a request header; repeatable", gather, [])
    .action(
      api<[string, OutputFlags]>(async ({ api, terminal }, name, flags) => {
        requireInternal(flags.type);
        const { id } = await requireBucket(api, flags.bucket);
        const created = await api.json<ApiOutput>("POST", `/v1/buckets/${id}/outputs`, {
          name,
          destination: flags.destination,
          internal: true,
          lock_path: flags.lockPath === true,
          timeout: flags.timeout,
          tls_verification: true,
          headers: headerMap(flags.header),
        });
        printLine(terminal, `Created output ${created.name} (${created.id})`);
      }),
    );
  addInspectAndRemove(output, "output", api);
}

interface OutputFlags {
  readonly bucket: string;
  readonly destination: string;
  readonly type: OutputType;
  readonly lockPath?: boolean;
  readonly timeout?: number;
  readonly header: readonly string[];
}

function addInspectAndRemove(command: Command, kind: "input" | "output", api: CommandContext["api"]): void {
  command
    .command(`inspect <${kind}>`)
    .description(`print one ${kind} as JSON`)
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .action(
      api<[string, { bucket: string }]>(async ({ api, terminal }, name, flags) => {
        printJson(terminal, findIn(await requireBucket(api, flags.bucket), kind, name));
      }),
    );
  command
    .command(`rm <${kind}>`)
    .description(`delete an ${kind}`)
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .action(
      api<[string, { bucket: string }]>(async ({ api, terminal }, name, flags) => {
        const bucket = await requireBucket(api, flags.bucket);
        const { id } = findIn(bucket, kind, name);
        await api.json("DELETE", `/v1/buckets/${bucket.id}/${kind}s/${id}`);
        printLine(terminal, `Deleted ${kind} ${name}`);
      }),
    );
}

function findIn(bucket: ApiBucket, kind: "input" | "output", idOrName: string): ApiInput | ApiOutput {
  const all: readonly (ApiInput | ApiOutput)[] = (kind === "input" ? bucket.inputs : bucket.outputs) ?? [];
  const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name).join(", ");
  throw new CliError(
    `bucket ${bucket.name} has no ${kind} "${idOrName}"${names === "" ? "" : `; it has: ${names}`}`,
    EXIT.failure,
  );
}

function headerMap(pairs: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new CliError(`--header "${pair}" is not name=value`, EXIT.usage);
    const name = pair.slice(0, equals);
    headers[name] = [...(headers[name] ?? []), pair.slice(equals + 1)];
  }
  return headers;
}
