// A stand-in for a server process: starts the embedded PostgreSQL of the folder in argv, says so, and lives until it is
// told to stop (any message) or killed.
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../dist/postgres/embedded-postgres.js";

const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error("usage: fork(hold-data-dir.mjs, [<data directory>])");
const logger = pino({ level: "silent" });
try {
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  process.send?.({ url: postgres.url, tookOver: postgres.tookOver });
  process.once("message", async () => {
    await postgres.stop();
    process.disconnect();
  });
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
