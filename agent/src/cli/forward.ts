import { parseDestination, withoutCredentials } from "@relay/server/destination";
import type { ApiClient } from "../api/api-client.js";
import { ensureRoute, inputUrl } from "../api/ensure-route.js";
import { type AgentFlags, outputMode } from "./agent-flags.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import type { OutputType } from "./output-type.js";
import { runAgent } from "./run-agent.js";
import type { Settings } from "./settings.js";
import { noteLine, printLine, type Terminal } from "./terminal.js";

export interface ForwardFlags extends AgentFlags {
  readonly bucket?: string;
  readonly type: OutputType;
  /** Of the output. */
  readonly function?: string;
  readonly agent: boolean;
}

export interface ForwardOptions {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly flags: ForwardFlags;
  readonly api: ApiClient;
}

/** `relay forward [destination]`: makes sure that the route exists, prints the public URL, runs the agent. */
export async function forward(destination: string | undefined, options: ForwardOptions): Promise<ExitCode> {
  const { terminal, settings, flags, api } = options;
  const run = { terminal, settings, flags, numbered: true };
  if (destination === undefined) {
    if (flags.bucket === undefined) throw new CliError("relay forward needs a destination or --bucket", EXIT.usage);
    return runAgent({ ...run, allow: flags.allow, buckets: [flags.bucket], outputs: [] });
  }
  const url = completeUrl(destination);
  const { hostname } = checked(url);
  const route = await ensureRoute(api, {
    bucket: flags.bucket ?? hostname,
    destination: url,
    internal: flags.type === "internal",
    ...(flags.function === undefined ? {} : { function: flags.function }),
  });
  // In JSON mode standard output belongs to the webhooks.
  const print = outputMode(flags) === "json" ? noteLine : printLine;
  print(terminal, "Forwarding:");
  for (const input of route.inputs)
    print(terminal, `${inputUrl(api, input)} -> ${withoutCredentials(route.output.destination)}`);
  // A public destination is called by the server: there is nothing for an agent to do.
  if (!flags.agent || flags.type === "public") return EXIT.ok;
  return runAgent({
    ...run,
    // What was named on the command line is all that this agent calls.
    allow: flags.allow.length > 0 ? flags.allow : [pinned(url)],
    buckets: [route.bucket.id],
    outputs: [route.output.id],
  });
}

/** `localhost:3000/hooks` and `:3000` are short for http URLs. */
function completeUrl(text: string): string {
  if (/^https?:\/\//i.test(text)) return text;
  if (/^:\d+/.test(text)) return `http://localhost${text}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return `http://${text}`;
}

function checked(url: string) {
  try {
    return parseDestination(url, false);
  } catch (cause) {
    throw new CliError((cause as Error).message, EXIT.usage, { cause });
  }
}

/** The destination as an allow-list entry: its own path and below. */
function pinned(text: string): string {
  const { origin, path } = checked(text);
  return `${origin}${path}`;
}
