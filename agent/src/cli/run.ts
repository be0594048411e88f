import type { AgentFlags } from "./agent-flags.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { runAgent } from "./run-agent.js";
import type { RunFile } from "./run-file.js";
import { warnOfSecretArgument } from "./secret-argument.js";
import { type Settings, value } from "./settings.js";
import type { Terminal } from "./terminal.js";

export interface RunFlags extends AgentFlags {
  readonly bucket: readonly string[];
  readonly mode: "forward" | "tunnel";
  readonly tunnel: readonly string[];
  readonly key?: string;
  readonly secret?: string;
}

export interface RunOptions {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly flags: RunFlags;
  readonly runFile: RunFile | null;
}

/** `relay run`: serves the internal outputs of the named buckets, or of all that the token may see. */
export function run({ terminal, settings, flags, runFile }: RunOptions): Promise<ExitCode> {
  if (flags.mode === "tunnel" || flags.tunnel.length > 0) {
    throw new CliError("tunnels are not in this version: this agent forwards webhooks (--mode forward)", EXIT.usage);
  }
  if (flags.secret !== undefined) warnOfSecretArgument(terminal);
  return runAgent({
    terminal,
    settings,
    flags,
    allow: flags.allow.length > 0 ? flags.allow : (runFile?.allow ?? []),
    concurrency: runFile?.concurrency,
    buckets: bucketsOf(flags, terminal.env, runFile),
    outputs: [],
    numbered: false,
  });
}

function bucketsOf(flags: RunFlags, env: Terminal["env"], runFile: RunFile | null): readonly string[] {
  if (flags.bucket.length > 0) return flags.bucket;
  const listed = value(env, "BUCKETS");
  if (listed === undefined) return runFile?.buckets ?? [];
  return listed
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
