import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTcpProxy } from "../../../bench/src/processes/tcp-proxy.js";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome } from "../agent-process.js";
import { startRecordingDestination } from "./support/recording-destination.js";
import { runAgent } from "./support/run-agent.js";
import { postWebhook, startLoad } from "./support/steady-load.js";

const LEDGER_RECORD_BYTES = 36;
const ROUNDS = 3;
const SEQUENCES = Array.from({ length: 30 }, (_, n) => n);

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
});

afterAll(() => server.close());

test("an agent killed before its acks arrived answers the redelivery from its ledger: the destination is not called again", async () => {
  const { destination, attempts, deliveryIds } = await killBeforeAcksArrive("with-ledger", { keepLedger: true });
  expect(destination.duplicates()).toBe(0);
  // The server did deliver again: what it recorded is the second attempt.
  expect(attempts).toEqual(SEQUENCES.map(() => 2));
  expect(new Set(deliveryIds)).toEqual(new Set(destination.arrivals.slice(0, -1).map(({ deliveryId }) => deliveryId)));
});

test("without the ledger the destination is called again, with the same delivery id and a higher attempt", async () => {
  const { destination } = await killBeforeAcksArrive("without-ledger", { keepLedger: false });
  expect(destination.duplicates()).toBe(SEQUENCES.length);
  expect(destination.unrecognisable()).toEqual([]);
});

test("agents killed again and again right after an answer: nothing is lost, every duplicate is recognisable", async () => {
  const destination = await startRecordingDestination();
  const home = agentHome();
  const route = await server.route({ bucket: { name: "killed" }, output: { destination: destination.url } });
  const options = { name: "killed", buckets: ["killed"], home: home.path, args: ["--quiet"] };
  const load = startLoad({ url: () => server.at.http + route.path, perSecond: 200 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const agent = await runAgent(server, options);
    const wanted = destination.answered + 40;
    await waitFor("answers", () => destination.answered >= wanted, { everyMs: 1 });
    await agent.kill("SIGKILL");
  }
  const last = await runAgent(server, options);
  const { answered } = await load.stop();
  await destination.allArrived(answered);
  await waitFor("the database to be empty of deliveries", () => unfinished(route).then((count) => count === 0));
  expect(destination.unrecognisable()).toEqual([]);
  // Only calls that were under way at a kill come again.
  expect(destination.duplicates()).toBeLessThan(ROUNDS * 33);
  await last.close();
  home.remove();
  await destination.stop();
}, 40_000);

/**
 * The link goes silent, the destination answers, the agent writes its ledger and is killed: its acks never arrive. Then it
 * starts again over a link that works, and everything is delivered to it once more.
 */
async function killBeforeAcksArrive(name: string, { keepLedger }: { keepLedger: boolean }) {
  let hold = Number.POSITIVE_INFINITY;
  const destination = await startRecordingDestination(({ sequence }) => (sequence < SEQUENCES.length ? hold : 0));
  const home = agentHome();
  const route = await server.route({ bucket: { name }, output: { destination: destination.url } });
  const proxy = await startTcpProxy({ port: Number(server.at.grpc.split(":").at(-1)) });
  const options = { name, buckets: [name], home: home.path, args: ["--quiet"], linkPort: proxy.port };
  const agent = await runAgent(server, options);
  for (const sequence of SEQUENCES) await post(route, sequence);
  await waitFor("every call", () => destination.arrivals.length === SEQUENCES.length);
  proxy.halfOpen();
  hold = 0;
  destination.answerWaiting();
  await waitFor("the ledger", () => ledgerBytes(home.path) >= SEQUENCES.length * LEDGER_RECORD_BYTES);
  await agent.kill("SIGKILL");
  if (!keepLedger) removeLedger(home.path);

  const again = await runAgent(server, options);
  await waitFor("the deliveries to be finished", () => unfinished(route).then((count) => count === 0));
  // What comes later has overtaken nothing: every call there was has been made.
  await post(route, SEQUENCES.length);
  await destination.allArrived([SEQUENCES.length]);
  const { rows } = await server.database.pool.query<{ id: string; attempt: number }>(
    "SELECT id, attempt FROM outcomes WHERE output_id = $1 AND status = 1 ORDER BY id LIMIT $2",
    [route.outputId, SEQUENCES.length],
  );
  await again.close();
  await proxy.stop();
  await destination.stop();
  home.remove();
  return { destination, attempts: rows.map(({ attempt }) => attempt), deliveryIds: rows.map(({ id }) => id) };
}

async function post(route: Route, sequence: number): Promise<void> {
  expect(await postWebhook(server.at.http + route.path, { sequence })).toBe(200);
}

async function unfinished({ outputId }: Route): Promise<number> {
  const { rowCount } = await server.database.pool.query("SELECT FROM deliveries WHERE output_id = $1", [outputId]);
  return rowCount ?? 0;
}

function ledgerFiles(home: string): string[] {
  const state = join(home, "state");
  return readdirSync(state).map((agent) => join(state, agent, "ledger.current"));
}

function ledgerBytes(home: string): number {
  return ledgerFiles(home).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function removeLedger(home: string): void {
  for (const file of ledgerFiles(home)) rmSync(file);
}
