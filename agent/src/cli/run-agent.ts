import { type Agent, startAgent } from "../agent.js";
import { parseAllowList } from "../forward/allow-list.js";
import { StateLockedError } from "../forward/state-lock.js";
import type { LinkEnd } from "../link/agent-link.js";
import { proxyFor } from "../link/http-proxy.js";
import type { Transport } from "../link/transport.js";
import { createAgentConsole } from "../render/agent-console.js";
import { type AgentFlags, DEFAULT_CONCURRENCY, outputMode } from "./agent-flags.js";
import { warnOfReaders } from "./credentials-files.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { requireCredentials, type Settings } from "./settings.js";
import type { Terminal } from "./terminal.js";

export interface RunAgentOptions {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly flags: AgentFlags;
  readonly allow: readonly string[];
  readonly concurrency?: number | undefined;
  readonly buckets: readonly string[];
  readonly outputs: readonly string[];
  /** True: a second agent on this machine may take a numbered name. */
  readonly numbered: boolean;
}

const DRAIN_MS = 10_000;

/** Runs an agent until it is interrupted or refused for good; resolves with the exit code. */
export async function runAgent(options: RunAgentOptions): Promise<ExitCode> {
  const { terminal, settings, flags } = options;
  const credentials = requireCredentials(settings);
  const console = createAgentConsole(terminal, outputMode(flags));
  const agent = await start(async () =>
    startAgent({
      transport: await transportOf(settings, flags),
      server: settings.apiAddress,
      credentials,
      credentialsFile: credentials.file,
      name: flags.name ?? settings.agentName,
      numbered: options.numbered && flags.name === undefined && !settings.agentNameGiven,
      version: terminal.version,
      buckets: options.buckets,
      outputs: options.outputs,
      window: flags.window,
      windowBytes: flags.windowBytes,
      concurrency: flags.concurrency ?? options.concurrency ?? DEFAULT_CONCURRENCY,
      timeoutMs: flags.timeout,
      retry: { maxRetries: flags.maxRetries, waitMinMs: flags.retryWaitMin, waitMaxMs: flags.retryWaitMax },
      allow: options.allow.length === 0 ? null : parseAllow(options.allow),
      stateRoot: settings.stateDirectory,
      events: console.events,
    }),
  );
  if (credentials.file !== null) warnOfReaders(credentials.file.path, console.events.warning);
  const stopRereading =
    credentials.file === null || isInTerminal(terminal) ? undefined : terminal.onHangup(() => agent.reread());
  const interrupted = stopOnInterrupt(terminal, agent, console.note);
  const end = await Promise.race([agent.ended, interrupted.twice]);
  interrupted.stopListening();
  stopRereading?.();
  console.close();
  if (end === "twice") return EXIT.failure;
  return report(end, agent.name, console.note);
}

async function start(create: () => Promise<Agent>): Promise<Agent> {
  try {
    return await create();
  } catch (error) {
    if (error instanceof StateLockedError) {
      throw new CliError(`${error.message}. Stop it, or give this one a name of its own: --name`, EXIT.failure, {
        cause: error,
      });
    }
    throw new CliError((error as Error).message, EXIT.usage, { cause: error });
  }
}

function parseAllow(entries: readonly string[]) {
  try {
    return parseAllowList(entries);
  } catch (error) {
    throw new CliError((error as Error).message, EXIT.usage, { cause: error });
  }
}

/** Loads only the transport that is used: the other one's libraries would be a tenth of an idle agent's memory. */
async function transportOf(settings: Settings, flags: AgentFlags): Promise<Transport> {
  const tls = { caFile: settings.caFile, verify: !settings.insecure };
  const { requireTls } = settings;
  if (flags.ws ?? settings.webSocketTransport) {
    const { hostname, port } = new URL(settings.webSocketAddress);
    const proxy = proxyFor(settings.proxy, hostname, Number(port) || 443);
    const { webSocketTransport } = await import("../link/websocket-transport.js");
    return webSocketTransport({ address: settings.webSocketAddress, tls, requireTls, proxy });
  }
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(settings.grpcAddress) ?? [];
  const proxy = proxyFor(settings.proxy, host, Number(port));
  const { grpcTransport } = await import("../link/grpc-transport.js");
  return grpcTransport({ address: settings.grpcAddress, tls, requireTls, proxy });
}

/** There the hangup is the end of the terminal, and of what runs in it. */
function isInTerminal({ stdin, stdout, stderr }: Terminal): boolean {
  return [stdin, stdout, stderr].some(({ isTTY }) => isTTY === true);
}

/** The first interrupt drains; the second one ends at once. */
function stopOnInterrupt(terminal: Terminal, agent: Agent, note: (text: string) => void) {
  let signals = 0;
  let resolveTwice: (value: "twice") => void = () => undefined;
  const twice = new Promise<"twice">((resolve) => {
    resolveTwice = resolve;
  });
  const stopListening = terminal.onInterrupt((signal) => {
    signals += 1;
    if (signals === 1) {
      note(
        `finishing calls in flight, at most ${DRAIN_MS / 1000} s${signal === "SIGINT" ? "; Ctrl-C again quits now" : ""}`,
      );
      agent.drain(DRAIN_MS);
    } else {
      agent.stop();
      resolveTwice("twice");
    }
  });
  return { twice, stopListening };
}

function report(end: LinkEnd, agent: string, note: (text: string) => void): ExitCode {
  switch (end.kind) {
    case "stopped":
      return EXIT.ok;
    case "unauthorized":
      note(
        `the server refused the token: ${end.message}. Check RELAY_KEY and RELAY_SECRET (or the file they come from), or run: relay login`,
      );
      return EXIT.unauthorized;
    case "version":
      note(`this program and the server do not speak the same protocol: ${end.message}. Update the older one.`);
      return EXIT.failure;
    case "fenced":
      note(`another agent named ${agent} took over: ${end.message}. Give one of them another name: --name`);
      return EXIT.fenced;
  }
}
