import { setFlagsFromString } from "node:v8";
import { pino } from "pino";
import { configHelp } from "./config/help.js";
import { type Config, ConfigError, loadConfig } from "./config/load-config.js";
import { HEALTH_VARIABLES, healthCommand } from "./health-command.js";
import type { RunningServer } from "./server.js";
import { serverArguments } from "./server-arguments.js";
import { watchNpm } from "./watch-npm.js";

/** How long draining may take on top of its own time limit before the process ends by force. */
const FORCE_AFTER_MS = 15_000;

// Under load V8 learns to make what a webhook needs among the old objects, where it stays until a full collection. Off,
// young collections take 1.3 ms instead of 2.9 at 1,000 webhooks/s and full ones become rare (measured 2026-11).
setFlagsFromString("--no-allocation-site-pretenuring");

const args = serverArguments(process.argv.slice(2));
switch (args.kind) {
  case "help":
    process.stdout.write(configHelp());
    break;
  case "wrong":
    process.stderr.write(`${args.message}\n`);
    process.exitCode = 2;
    break;
  case "health":
    await health();
    break;
  case "migrate":
    await migrate();
    break;
  case "run":
    await run();
}

/** Undefined, after it was said, when the environment is wrong. */
function configuration(env: NodeJS.ProcessEnv, warn?: (text: string) => void): Config | undefined {
  try {
    return loadConfig(env, warn);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

/** Asked every few seconds for as long as a container runs: loads nothing of the server, and warns of nothing. */
async function health(): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => HEALTH_VARIABLES.test(name)));
  const config = configuration(env, () => {});
  if (config === undefined) return;
  const answer = await healthCommand(config);
  if (answer.kind === "healthy") return;
  process.stderr.write(`relay: ${answer.reason}\n`);
  process.exitCode = 1;
}

async function migrate(): Promise<void> {
  const config = configuration(process.env);
  if (config === undefined) return;
  // The first process of a container is not ended by a signal that it does not take. What was begun is rolled back.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  const { migrateCommand } = await import("./migrate-command.js");
  try {
    process.stdout.write(`${await migrateCommand(config, pino({ level: config.logLevel }))}\n`);
  } catch (error) {
    process.stderr.write(`relay: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const config = configuration(process.env);
  if (config === undefined) return;
  const [{ busyPorts }, { startServer }] = await Promise.all([import("./busy-ports.js"), import("./server.js")]);
  const logger = pino({ level: config.logLevel });
  const busy = await busyPorts(config);
  if (busy.length > 0) {
    process.stderr.write(`${busy.join("\n")}\n`);
    process.exitCode = 1;
    return;
  }
  const starting = startServer(config, logger, (error) => {
    logger.fatal({ err: error }, "server.database-lost");
    process.exitCode = 1;
    finish("database lost");
  });
  let stopping = false;
  const finish = (cause: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ cause }, "server.draining");
    setTimeout(() => process.exit(1), config.drainMs + FORCE_AFTER_MS).unref();
    // A signal during the start: what was started must be stopped, PostgreSQL above all.
    starting
      .then((server) => server.close())
      .then(
        () => logger.info("server.stopped"),
        (error: unknown) => {
          logger.error({ err: error }, "server.stop-failed");
          process.exitCode = 1;
        },
      )
      // A parent's channel would keep the process alive.
      .finally(() => process.channel?.unref());
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => finish(signal));
  // A parent that started us with a channel and died: nobody is left to stop us.
  process.on("disconnect", () => finish("disconnect"));
  watchNpm({ env: process.env, parent: () => process.ppid, onGone: () => finish("npm ended") });
  let server: RunningServer;
  try {
    server = await starting;
  } catch (error) {
    logger.fatal({ err: error }, "server.start-failed");
    process.stderr.write(`relay: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const { http, https, grpc, status, caFile } = server;
  logger.info({ http, https, grpc, status, caFile, pid: process.pid }, "server.listening");
}
