import type { Command } from "commander";
import { inputUrl } from "../api/ensure-route.js";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiInput } from "../api/objects.js";
import { addInspectAndRemove } from "./bucket-parts.js";
import type { CommandContext } from "./command-context.js";
import { wholeNumber } from "./option-parsers.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

interface CreateFlags {
  readonly bucket: string;
  readonly statusCode?: number;
  readonly responseBody?: string;
  readonly responseFrom?: string;
  readonly responseTimeout?: number;
  readonly function?: string;
}

/** `relay input`: thin over REST. */
export function addInputCommands(program: Command, { api }: CommandContext): void {
  const input = program.command("input").description("list and change inputs (public endpoints)");
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
    .option("--response-from <output>", "answer as this output's destination does, by name or id, or anyOutput")
    .option("--response-timeout <seconds>", "how long a sender waits for it (default: 10)", wholeNumber(1, 60))
    .option("--function <function>", "function that its webhooks pass through, by name or id")
    .action(
      api<[string, CreateFlags]>(async ({ api, terminal }, name, flags) => {
        const { id } = await requireBucket(api, flags.bucket);
        const body = {
          name,
          status_code: flags.statusCode,
          body: flags.responseBody,
          response_from_output: flags.responseFrom,
          response_timeout: flags.responseTimeout,
          function: flags.function,
        };
        const created = await api.json<ApiInput>("POST", `/v1/buckets/${id}/inputs`, body);
        printLine(terminal, `Created input ${created.name} (${created.id})`);
        printLine(terminal, inputUrl(api, created));
      }),
    );
  addInspectAndRemove(input, "input", api);
}
