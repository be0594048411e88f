import { pino } from "pino";
import { configHelp } from "./config/help.js";
import { type Config, ConfigError, loadConfig } from "./config/load-config.js";
import { startServer } from "./server.js";

/** How long draining may take on top of its own time limit before the process ends by force. */
const FORCE_AFTER_MS = 15_000;

if (process.argv.includes("--help") || process.argv.includes("-h")) {
  process.stdout.write(configHelp());
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
  const stop = new AbortController();
  let server: Awaited<ReturnType<typeof startServer>>;
  try {
    server = await startServer(config, logger);
  } catch (error) {
    logger.fatal({ err: error }, "server.start-failed");
    process.stderr.write(`relay: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const { http, https, grpc, status, caFile } = server;
  logger.info({ http, https, grpc, status, caFile, pid: process.pid }, "server.listening");
  const finish = (signal: string) => {
    if (stop.signal.aborted) return;
    stop.abort();
    logger.info({ signal }, "server.draining");
    setTimeout(() => process.exit(1), config.drainMs + FORCE_AFTER_MS).unref();
    server.close().then(
      () => logger.info("server.stopped"),
      (error: unknown) => {
        logger.error({ err: error }, "server.stop-failed");
        process.exitCode = 1;
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => finish(signal));
  // A parent that started us with a channel and died: nobody is left to stop us.
  process.on("disconnect", () => finish("disconnect"));
}
