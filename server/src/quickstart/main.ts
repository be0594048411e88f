// `npm start`: everything on one machine, to try Relay out. The server and the agent are processes of their own, as in
// production; this one starts them, shows what comes in, and stops them in order.
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { busyPorts } from "../busy-ports.js";
import { type Config, ConfigError, loadConfig } from "../config/load-config.js";
import { killPostmaster } from "../postgres/kill-postmaster.js";
import { watchNpm } from "../watch-npm.js";
import { startAgentProcess } from "./agent-process.js";
import { parseArguments } from "./arguments.js";
import { coloursFor } from "./colours.js";
import { startDemoDestination } from "./demo-destination.js";
import { describeWebhook } from "./describe-webhook.js";
import type { ManagedProcess } from "./managed-process.js";
import { provision } from "./provision.js";
import { relayApi } from "./relay-api.js";
import { startScreen, USAGE } from "./screen.js";
import { startServerProcess } from "./server-process.js";
import { readState, writeState } from "./state-file.js";

/** Agent and server drain for 10 s by default; past this they are killed. */
const AGENT_PATIENCE_MS = 15_000;
const SERVER_PATIENCE_MS = 40_000;

/** npm and the terminal may both pass on one Ctrl-C: within this time they are one. */
const ONE_CTRL_C_MS = 1_000;

const out = (text: string) => void process.stdout.write(text);
const complain = (text: string) => void process.stderr.write(`${text}\n`);
// A terminal that was closed must not end this process before it has stopped the others.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

const args = parseArguments(process.argv.slice(2));
if (args.kind === "help") {
  out(USAGE);
} else if (args.kind === "wrong") {
  complain(args.message);
  process.exitCode = 2;
} else {
  process.exitCode = await quickstart(args.destination);
  // Whatever is still open (a keep-alive connection) must not hold the terminal.
  setTimeout(() => process.exit(), 1_000).unref();
}

/** Runs until Ctrl-C or a failure; resolves with the exit code. */
async function quickstart(destination: string | undefined): Promise<number> {
  const colours = coloursFor(process.stdout.isTTY, process.env);
  const running: {
    starting?: Promise<unknown>;
    server?: ManagedProcess;
    agent?: ManagedProcess;
    closeDestination?: () => Promise<void>;
  } = {};
  const dataDirOf = (config: Config) => resolve(config.dataDir);
  let dataDir = "";
  let failed: string | undefined;
  const interrupted = onInterrupt(() => {
    running.agent?.kill();
    running.server?.kill();
    killPostmaster(join(dataDir, "postgres"));
    process.exit(130);
  });

  async function run(): Promise<void> {
    const config = loadConfig(process.env);
    dataDir = dataDirOf(config);
    const busy = await busyPorts(config);
    if (busy.length > 0) throw new Error(busy.join("\n"));
    const stateFile = join(dataDir, "quickstart.json");
    const logFile = join(dataDir, "server.log");
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const state = await readState(stateFile);
    await writeState(stateFile, state);
    const admin = config.adminApiKey === "" ? state.admin : { key: config.adminApiKey, secret: config.adminApiSecret };

    out(colours.dim("Starting the server; the first start sets up its database, which takes a few seconds.\n"));
    const env = { ...process.env, ADMIN_API_KEY: admin.key, ADMIN_API_SECRET: admin.secret };
    const starting = startServerProcess(logFile, env, (started) => {
      running.server = started;
    });
    running.starting = starting;
    const server = await starting;
    if (interrupted.aborted) return;
    const { listening } = server;
    const base = listening.http.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
    let target = destination;
    if (target === undefined) {
      const demo = await startDemoDestination((webhook) => out(`${describeWebhook(webhook, new Date(), colours)}\n`));
      running.closeDestination = demo.close;
      target = demo.url;
    }
    const provisioned = await provision(relayApi(base, admin), state, target);
    await writeState(stateFile, provisioned.state);
    if (interrupted.aborted) return;

    const agentLines: string[] = [];
    let shown = false;
    const agent = startAgentProcess({
      listening: { ...listening, http: base, grpc: listening.grpc.replace(/^(0\.0\.0\.0|\[::\]):/, "127.0.0.1:") },
      token: provisioned.agent,
      stateDir: join(dataDir, "agent"),
      quiet: destination === undefined,
      onLine: (line) => {
        if (shown && !interrupted.aborted) out(`${colours.dim("agent:")} ${line}\n`);
        else agentLines.push(line);
      },
    });
    running.agent = agent.process;
    const agentEnded = agent.process.ended.then((how) => {
      throw new Error(`The agent ended (${how}).\n${agentLines.slice(-5).join("\n")}`);
    });
    const serverEnded = server.process.ended.then(async (how) => {
      throw new Error(`The server ended (${how}); its log is ${logFile}.\n${await server.lastWords()}`);
    });
    const ended = Promise.race([agentEnded, serverEnded]);
    const slow = delay(20_000, "slow" as const, { ref: false });
    if ((await Promise.race([agent.serving, ended, slow])) === "slow") {
      complain(`The agent is not connected yet:\n${agentLines.slice(-3).join("\n")}`);
    }
    shown = true;
    const inputUrl = `${(config.publicUrl || base).replace(/\/+$/, "")}/v1/webhooks/${provisioned.inputId}`;
    out(startScreen({ inputUrl, destination, dataDir: nearby(dataDir), logFile: nearby(logFile), colours }));
    await ended;
  }

  await Promise.race([run().catch((error: unknown) => (failed = describe(error))), interrupted.promise]);
  interrupted.stopping();
  if (failed !== undefined && !interrupted.aborted) complain(colours.red(failed));
  else if (running.server !== undefined) out("\nStopping: the agent first, then the server and its database.\n");
  // A server that is still starting would leave its database behind.
  await running.starting?.catch(() => {});
  await running.agent?.stop(AGENT_PATIENCE_MS);
  await running.server?.stop(SERVER_PATIENCE_MS);
  await running.closeDestination?.();
  return interrupted.aborted || failed === undefined ? 0 : failed.startsWith("The configuration") ? 2 : 1;
}

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  return error instanceof Error ? error.message : String(error);
}

function nearby(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}

/** The first Ctrl-C (or SIGTERM, or a closed terminal) asks to stop, the second one calls `force`. */
function onInterrupt(force: () => void) {
  let resolveFirst: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    resolveFirst = resolve;
  });
  const state = {
    promise,
    aborted: false,
    /** Stopping for another reason: from now on one Ctrl-C is enough to force it. */
    stopping() {
      firstAt ??= Date.now();
    },
  };
  let firstAt: number | undefined;
  const listener = () => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      state.aborted = true;
      resolveFirst();
    } else if (Date.now() - firstAt > ONE_CTRL_C_MS) force();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, listener);
  watchNpm({ env: process.env, parent: () => process.ppid, onGone: listener });
  return state;
}
