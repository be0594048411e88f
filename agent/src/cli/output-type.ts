import { Option } from "commander";

/** Who calls an output: an agent, or the server. */
export type OutputType = "internal" | "public";

/** The `--type` of the classic commands, without a default. */
export function outputTypeOption(): Option {
  return new Option("--type <type>", "who calls the destination: an agent (internal) or the server (public)").choices([
    "internal",
    "public",
  ]);
}
