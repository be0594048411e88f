import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../server/src/postgres/embedded-postgres.js";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { startRecordingDestination } from "./support/recording-destination.js";
import { runAgent } from "./support/run-agent.js";
import { mountSmallDisk, type SmallDisk } from "./support/small-disk.js";
import { type Load, type LoadResult, postWebhook, startLoad } from "./support/steady-load.js";

const logger = pino({ level: "silent" });

test("a database that restarts under load costs 503s at most: nothing answered is lost", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "relay-restart-"));
  await chmod(dataDir, 0o711);
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, logger });
  const server = await runServer({ database: { url: postgres.url } });
  try {
    const result = await underLoad(server, async ({ load, untilAnswering }) => {
      // In order, as for an update.
      await postgres.stop();
      await waitFor("a refusal", () => load.result.refused.length > 0);
      postgres = await startEmbeddedPostgres({ dataDir, logger });
      await untilAnswering();
      // At once and without a checkpoint, as `pg_ctl stop -m immediate` does it; it is started again by its watcher.
      process.kill(await postmasterOf(dataDir), "SIGQUIT");
      const before = load.result.refused.length;
      await waitFor("a refusal", () => load.result.refused.length > before);
      await untilAnswering();
    });
    expect(new Set(result.refused.map(({ status }) => status))).toEqual(new Set([503]));
  } finally {
    await server.close();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);

test("a full disk is answered with 503 and loses nothing that was answered; with space it goes on", async ({
  skip,
}) => {
  const disk = smallDiskOr(skip);
  let server: TestServer | undefined;
  try {
    server = await runServer({ database: "embedded", dataDir: disk.folder });
    await fillUnderLoad(server, disk);
  } finally {
    await server?.kill("SIGTERM");
    await server?.close();
    disk.remove();
  }
}, 90_000);

/** Whoever cannot mount runs the other tests; in CI that would go unnoticed, so there it fails. */
function smallDiskOr(skip: (note: string) => never): SmallDisk {
  try {
    return mountSmallDisk(192 * 1024 * 1024);
  } catch (error) {
    if (process.env.CI !== undefined || process.getuid?.() === 0) throw error;
    return skip((error as Error).message);
  }
}

async function fillUnderLoad(server: TestServer, disk: SmallDisk): Promise<void> {
  const result = await underLoad(server, async ({ load, url, untilAnswering }) => {
    disk.fill(512 * 1024);
    // Large ones meet the end of the disk first.
    const body = Buffer.alloc(256 * 1024);
    let sequence = -1;
    await waitFor("a large webhook to be refused", async () => {
      sequence -= 1;
      return (await postWebhook(url, { sequence, body })) === 503;
    });
    await waitFor("ordinary ones to be refused", () => load.result.refused.length > 300, { timeoutMs: 30_000 });
    disk.empty();
    await untilAnswering();
  });
  expect(new Set(result.refused.map(({ status }) => status))).toEqual(new Set([503]));
  const log = await readFile(join(disk.folder, "postgres", "postgres.log"), "utf8");
  expect(log).toContain("No space left on device");
}

interface Trouble {
  readonly load: Load;
  readonly url: string;
  /** Waits until webhooks are taken again. */
  untilAnswering(): Promise<void>;
}

/** Makes trouble while webhooks come in at 200/s; at the end everything that was answered must have arrived, recognisably. */
async function underLoad(server: TestServer, makeTrouble: (trouble: Trouble) => Promise<void>): Promise<LoadResult> {
  const destination = await startRecordingDestination();
  const route: Route = await server.route({ bucket: { name: "trouble" }, output: { destination: destination.url } });
  const agent = await runAgent(server, { buckets: ["trouble"], args: ["--quiet"] });
  const url = server.at.http + route.path;
  const load = startLoad({ url: () => url, perSecond: 200 });
  const untilAnswering = async (): Promise<void> => {
    const wanted = load.result.answered.length + 100;
    await waitFor("webhooks to be taken again", () => load.result.answered.length > wanted, { timeoutMs: 30_000 });
  };
  try {
    await untilAnswering();
    await makeTrouble({ load, url, untilAnswering });
    const result = await load.stop();
    await destination.allArrived(result.answered);
    expect(destination.unrecognisable()).toEqual([]);
    return result;
  } finally {
    await load.stop();
    await agent.close();
    await destination.stop();
  }
}

async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, "postgres", "cluster", "data", "postmaster.pid"), "utf8");
  return Number.parseInt(text, 10);
}
