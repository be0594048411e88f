import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome } from "../agent-process.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { runAgent, type TestAgent } from "./support/run-agent.js";
import { postWebhook, startLoad } from "./support/steady-load.js";

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
});

afterAll(() => server.close());

test("with agents: each every agent known by name gets its own delivery, also one that was away", async () => {
  const destination = await startRecordingDestination();
  const { url } = await bucketFor("each", destination);
  const home = agentHome();
  const leaving = { name: "away", buckets: ["each"], home: home.path, args: ["--json"] };
  const present = await Promise.all(
    ["first", "second"].map((name) => runAgent(server, { name, buckets: ["each"], args: ["--json"] })),
  );
  const away = await runAgent(server, leaving);
  await postAll(url, [1]);
  await waitFor("all three agents to deliver", () => destination.arrivals.length === 3);

  await away.kill("SIGTERM");
  await postAll(url, [2, 3]);
  await waitFor("the two present agents to deliver", () => destination.arrivals.length === 7);
  const back = await runAgent(server, leaving);
  await waitFor("the third agent to deliver what it missed", () => destination.arrivals.length === 9);
  // Proof that nothing else was on its way: what comes last comes once for each.
  await postAll(url, [4]);
  await waitFor("the last one", () => destination.arrivals.length === 12);

  for (const agent of present) await waitFor("its lines", () => delivered(agent).length === 4);
  await waitFor("its lines", () => delivered(away).length === 1 && delivered(back).length === 3);
  const ids = [...present, away, back].flatMap(delivered);
  expect(new Set(ids).size).toBe(12);
  expect(new Set(destination.arrivals.map(({ deliveryId }) => deliveryId))).toEqual(new Set(ids));
  expect(count(destination.arrivals.map(({ sequence }) => sequence))).toEqual({ 1: 3, 2: 3, 3: 3, 4: 3 });
  expect(destination.arrivals.every(({ attempt }) => attempt === 1)).toBe(true);
  for (const agent of [...present, back]) await agent.close();
  home.remove();
  await destination.stop();
});

test("with agents: one deliveries are spread over the agents, each goes to one", async () => {
  const destination = await startRecordingDestination(() => 20);
  const { url } = await bucketFor("one", destination);
  const agents = await Promise.all(
    ["first", "second"].map((name) => runAgent(server, { name, buckets: ["one"], args: ["--json"] })),
  );
  const load = startLoad({ url: () => url, perSecond: 400, count: 400 });
  await waitFor("the load", () => load.result.sent === 400);
  const { answered } = await load.stop();
  await destination.allArrived(answered);
  await waitFor("every line", () => agents.flatMap(delivered).length === answered.length);
  for (const agent of agents) expect(delivered(agent).length).toBeGreaterThan(100);
  expect(destination.duplicates()).toBe(0);
  for (const agent of agents) await agent.close();
  await destination.stop();
});

test("with agents: one what a dead agent had in hand is taken over by another", async () => {
  // The first agent's calls never end; who takes over gets answers.
  let hang = true;
  const destination = await startRecordingDestination(() => (hang ? Number.POSITIVE_INFINITY : 0));
  const { url } = await bucketFor("takeover", destination);
  const dying = await runAgent(server, { name: "dying", buckets: ["takeover"], args: ["--quiet"] });
  const sequences = Array.from({ length: 100 }, (_, n) => n);
  await postAll(url, sequences);
  await waitFor("the agent to have its hands full", () => destination.arrivals.length === 32);
  const heir = await runAgent(server, { name: "heir", buckets: ["takeover"], args: ["--quiet"] });
  expect(destination.arrivals.length).toBe(32);
  hang = false;
  await dying.kill("SIGKILL");
  await waitFor("every webhook to be answered", () => destination.answered === 100);
  await destination.allArrived(sequences);
  expect(destination.duplicates()).toBe(32);
  expect(destination.unrecognisable()).toEqual([]);
  await heir.close();
  await destination.stop();
});

async function bucketFor(name: string, destination: RecordingDestination): Promise<{ url: string }> {
  const output = { destination: destination.url, agents: name === "each" ? "each" : "one" };
  const route = await server.route({ bucket: { name }, output });
  return { url: server.at.http + route.path };
}

async function postAll(url: string, sequences: readonly number[]): Promise<void> {
  for (const sequence of sequences) expect(await postWebhook(url, { sequence })).toBe(200);
}

/** Ids of the deliveries that an agent with --json says it made. */
function delivered(agent: TestAgent): string[] {
  return agent
    .stdout()
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as { event: string; delivery_id: string })
    .filter(({ event }) => event === "delivery")
    .map(({ delivery_id }) => delivery_id);
}

function count(values: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
