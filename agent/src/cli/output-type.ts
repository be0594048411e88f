import { Option } from "commander";
import { CliError, EXIT } from "./exit-codes.js";

/** Who calls an output: an agent, or the server. */
export type OutputType = "internal" | "public";

/** The `--type` of the classic commands, without a default. */
export function outputTypeOption(): Option {
  return new Option(
    "--type <type>",
    "who calls the destination: an agent (internal); public is not in this version",
  ).choices(["internal", "public"]);
}

/** Throws for public outputs, which this version has not: before the first call, so that nothing is half made. */
export function requireInternal(type: OutputType | undefined): void {
  if (type !== "public") return;
  throw new CliError(
    "--type public is not in this version: destinations are called by an agent. Leave it out, and run an agent where the destination can be reached",
    EXIT.usage,
  );
}
