import { setFlagsFromString } from "node:v8";
import { pino } from "pino";
import { busyPorts } from "./busy-ports.js";
import { configHelp } from "./config/help.js";
import { type Config, ConfigError, loadConfig } from "./config/load-config.js";
import { type RunningServer, startServer } from "./server.js";
import { serverArguments } from "./server-arguments.js";
import { watchNpm } from "./watch-npm.js";

/** How long draining may take on top of its own time limit before the process ends by force. */
const FORCE_AFTER_MS = 15_000;

// Under load V8 learns to make what a webhook needs among the old objects, where it stays until a full collection. Off,
// young collections take 1.3 ms instead of 2.9 at 1,000 webhooks/s and full ones become rare (measured 2026-11).
setFlagsFromString("--no-allocation-site-pretenuring");

const args = serverArguments(process.argv.slice(2));
if (args.kind === "help") {
  process.stdout.write(configHelp());
} else if (args.kind === "wrong") {
  process.stderr.write(`${args.message}\n`);
  process.exitCode = 2;
} else {
  await run();
}

async function run(): Promise<void> {
  let config: Config;
  try {
    config = loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return;
  }
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
