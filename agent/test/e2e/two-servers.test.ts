import { X509Certificate } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../bench/src/processes/tcp-proxy.js";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { createEmptyDatabase, type EmptyDatabase } from "./support/empty-database.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { runAgent, type TestAgent } from "./support/run-agent.js";
import { postWebhook, startLoad } from "./support/steady-load.js";

/** A dead server's deliveries wait for its lease and the next look at it. */
const TAKEOVER_MS = 15_000;
/** Webhooks before the kill, and again after it. */
const LOAD = 250;

const BUCKET = "shared";

let database: EmptyDatabase;
let dataDir: string;
/** Takes the webhooks at first; `other` holds the agent. They change places as they are killed. */
let servers: readonly [TestServer, TestServer];
let destination: RecordingDestination;
let proxy: TcpProxy;
let route: Route;
let agent: TestAgent;
let sequence = 0;

beforeAll(async () => {
  database = await createEmptyDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "relay-pair-"));
  await chmod(dataDir, 0o711);
  destination = await startRecordingDestination();
  const options = { database, dataDir, env: { LEASE_TIME: "3s", AGENT_HEARTBEAT: "1s" } };
  // Both at once on an empty database: both migrate, make the key file and the certificate.
  servers = await Promise.all([runServer(options), runServer(options)]);
  route = await servers[0].route({ bucket: { name: BUCKET }, output: { destination: destination.url } });
  proxy = await startTcpProxy({ port: linkPort(servers[1]) });
  agent = await runAgent(servers[0], { linkPort: proxy.port, buckets: [BUCKET], args: ["--quiet"] });
});

afterAll(async () => {
  await agent?.close();
  await proxy?.stop();
  for (const server of servers ?? []) await server.close();
  await destination?.stop();
  await database?.close();
  await rm(dataDir, { recursive: true, force: true });
});

test("two servers that start at once on an empty database migrate it once and share it", async () => {
  const { rows } = await database.query(
    "SELECT count(*)::int AS migrated, count(DISTINCT id)::int AS distinct FROM migrations",
  );
  expect(rows[0]?.migrated).toBeGreaterThan(0);
  expect(rows[0]?.migrated).toBe(rows[0]?.distinct);
  const buckets: { name: string }[] = await servers[1].must("GET", "/v1/buckets");
  expect(buckets.map(({ name }) => name)).toContain(BUCKET);
});

test("two servers that start at once make one certificate", async () => {
  const [first, second] = await Promise.all(servers.map((server) => presentedCertificate(server)));
  expect(first).toEqual(second);
  expect(first).toEqual(new X509Certificate(await servers[0].certificate).fingerprint256);
});

test("a webhook posted to either server reaches the agent on the other at once", async () => {
  expect(await delays(servers[0])).toSatisfy(allBelow(1_000));
  await moveAgentTo(servers[0]);
  const onOther = await delays(servers[1]);
  expect(onOther).toSatisfy(allBelow(1_000));
  // Polling alone would take half a second on average.
  expect(onOther.sort((a, b) => a - b)[5]).toBeLessThan(400);
  await moveAgentTo(servers[1]);
});

test("lost hints cost a poll, not a webhook", async () => {
  const cutting = setInterval(() => void cutHints(), 20);
  try {
    await cutHints();
    expect(await delays(servers[0], 4)).toSatisfy(allBelow(3_000));
  } finally {
    clearInterval(cutting);
  }
});

test("the agent's server is killed under load: nothing answered is lost", async () => {
  const [taking, serving] = servers;
  const load = startLoad({ url: () => taking.at.http + route.path, perSecond: 200, first: sequence });
  await waitFor("load", () => load.result.answered.length > LOAD);
  await serving.kill("SIGKILL");
  proxy.retarget(linkPort(taking));
  const before = load.result.answered.length;
  await waitFor("load", () => load.result.answered.length > before + LOAD);
  const { answered, refused, sent } = await load.stop();
  sequence += sent;
  // The server that takes the webhooks has lost nobody it needs.
  expect(refused).toEqual([]);
  await expectAllArrived(answered);
  await serving.start();
});

test("the server that takes the webhooks is killed under load: nothing answered is lost", async () => {
  // Now the agent and its server are the first ones; the webhooks go to the second, which nobody serves.
  const [serving, taking] = servers;
  let target = taking;
  const load = startLoad({ url: () => target.at.http + route.path, perSecond: 200, first: sequence });
  await waitFor("load", () => load.result.answered.length > LOAD);
  await taking.kill("SIGKILL");
  target = serving;
  const before = load.result.answered.length;
  await waitFor("load", () => load.result.answered.length > before + LOAD);
  const { answered, refused, sent } = await load.stop();
  sequence += sent;
  // Cut off by the crash or sent in the moment before the sender knew of it.
  expect(refused.every(({ status }) => status === 0)).toBe(true);
  expect(refused.length).toBeLessThan(answered.length);
  await expectAllArrived(answered);
  await taking.start();
});

async function expectAllArrived(answered: readonly number[]): Promise<void> {
  await destination.allArrived(answered, TAKEOVER_MS);
  expect(destination.unrecognisable()).toEqual([]);
}

/** Posts webhooks one by one; milliseconds from the answer to the arrival of each. */
async function delays(server: TestServer, count = 10): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const wanted = sequence;
    sequence += 1;
    expect(await postWebhook(server.at.http + route.path, { sequence: wanted })).toBe(200);
    const answeredAt = performance.now();
    const arrival = await waitFor("the webhook", () => destination.arrivals.find((each) => each.sequence === wanted), {
      everyMs: 2,
    });
    found.push(Math.max(0, arrival.at - answeredAt));
  }
  return found;
}

async function moveAgentTo(server: TestServer): Promise<void> {
  const times = agent.stderr().split("connected to ").length;
  proxy.retarget(linkPort(server));
  proxy.halfOpen();
  proxy.heal();
  await agent.connected(times);
}

async function cutHints(): Promise<void> {
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'relay-hint'",
  );
}

function linkPort(server: TestServer): number {
  return Number(server.at.grpc.split(":").at(-1));
}

/** Fingerprint of the certificate that a server shows on its agent link. */
function presentedCertificate(server: TestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: linkPort(server), host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

function allBelow(ms: number): (values: readonly number[]) => boolean {
  return (values) => values.every((value) => value < ms);
}
