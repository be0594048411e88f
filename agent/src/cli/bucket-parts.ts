import type { Command } from "commander";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiBucket, ApiInput, ApiOutput } from "../api/objects.js";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { printJson, printLine } from "./terminal.js";

/** What inputs and outputs have in common: found by id or name within their bucket, shown and deleted. */
export function addInspectAndRemove(command: Command, kind: "input" | "output", api: CommandContext["api"]): void {
  command
    .command(`inspect <${kind}>`)
    .description(`print one ${kind} as JSON`)
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .action(
      api<[string, { bucket: string }]>(async ({ api, terminal }, name, flags) => {
        printJson(terminal, findPart(await requireBucket(api, flags.bucket), kind, name));
      }),
    );
  command
    .command(`rm <${kind}>`)
    .description(`delete an ${kind}`)
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .action(
      api<[string, { bucket: string }]>(async ({ api, terminal }, name, flags) => {
        const bucket = await requireBucket(api, flags.bucket);
        const { id } = findPart(bucket, kind, name);
        await api.json("DELETE", `/v1/buckets/${bucket.id}/${kind}s/${id}`);
        printLine(terminal, `Deleted ${kind} ${name}`);
      }),
    );
}

/** The input or output with this id or name. Throws CliError with the names that exist when there is none. */
export function findPart(bucket: ApiBucket, kind: "input" | "output", idOrName: string): ApiInput | ApiOutput {
  const all: readonly (ApiInput | ApiOutput)[] = (kind === "input" ? bucket.inputs : bucket.outputs) ?? [];
  const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name).join(", ");
  throw new CliError(
    `bucket ${bucket.name} has no ${kind} "${idOrName}"${names === "" ? "" : `; it has: ${names}`}`,
    EXIT.failure,
  );
}
