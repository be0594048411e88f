import { type Command, Option } from "commander";
import type { OutputMode } from "../render/agent-console.js";
import { byteCount, duration, gather, wholeNumber } from "./option-parsers.js";

/** Flags of the commands that run an agent, as commander hands them over. */
export interface AgentFlags {
  readonly ws?: boolean;
  readonly name?: string;
  readonly allow: readonly string[];
  readonly concurrency?: number;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly retryWaitMin: number;
  readonly retryWaitMax: number;
  readonly window: number;
  readonly windowBytes: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const DEFAULT_CONCURRENCY = 32;

/** Adds the flags to a command. */
export function addAgentFlags(command: Command): Command {
  return command
    .option("--ws", "use the WebSocket transport instead of gRPC (WEBSOCKET_TRANSPORT)")
    .option("-n, --name <name>", "name of this agent, unique per token (RELAY_AGENT_NAME; default: the host name)")
    .option("--allow <prefix>", "call only this URL prefix, host:port or network; repeatable", gather, [])
    .option(
      "--concurrency <n>",
      `calls at a time per output; 1 keeps strict order (default: ${DEFAULT_CONCURRENCY})`,
      wholeNumber(1, 1_000),
    )
    .addOption(
      new Option("--timeout <d>", "longest call, when the output sets none").argParser(duration).default(30_000, "30s"),
    )
    .option(
      "--max-retries <n>",
      "tries after the first, on 5xx answers (not 501) and on no answer",
      wholeNumber(0, 100),
      3,
    )
    .addOption(
      new Option("--retry-wait-min <d>", "wait before the second try; doubles")
        .argParser(duration)
        .default(1_000, "1s"),
    )
    .addOption(
      new Option("--retry-wait-max <d>", "longest wait between tries").argParser(duration).default(30_000, "30s"),
    )
    .option("--window <n>", "deliveries per output in hand at a time", wholeNumber(1, 4_096), 512)
    .addOption(
      new Option("--window-bytes <bytes>", "bytes per output in hand at a time")
        .argParser(byteCount)
        .default(32 * 1024 * 1024, "32MiB"),
    )
    .option("--json", "print one JSON object per webhook")
    .option("-q, --quiet", "print no webhooks");
}

/** How webhooks are printed. */
export function outputMode(flags: { readonly json?: boolean; readonly quiet?: boolean }): OutputMode {
  if (flags.quiet === true) return "quiet";
  return flags.json === true ? "json" : "text";
}
