import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome } from "../agent-process.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { relayEnvironment, runAgent, type TestAgent } from "./support/run-agent.js";
import { postWebhook, startLoad } from "./support/steady-load.js";

const RELAY = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** How long the agent stays away. Short by default; CONTRIBUTING.md has the command for the whole minute. */
const AWAY_SECONDS = Number(process.env.RELAY_TEST_AWAY_SECONDS ?? 10);
if (!(AWAY_SECONDS > 0)) throw new Error("RELAY_TEST_AWAY_SECONDS: a number of seconds, for example 60");
const AWAY_MS = AWAY_SECONDS * 1_000;
const PER_SECOND = 200;
const AWAY = `an agent that was away for ${AWAY_SECONDS} s at ${PER_SECOND}/s gets everything on its return`;

describe(AWAY, { timeout: 60_000 + 3 * AWAY_MS }, () => {
  const MISSED = AWAY_SECONDS * PER_SECOND;
  let server: TestServer;

  beforeAll(async () => {
    server = await runServer();
  });

  afterAll(() => server.close());

  test.concurrent("in order with one call at a time", async () => {
    const { answered, arrived, attempts } = await leaveAndReturn("strict", ["--concurrency", "1"]);
    expect(arrived).toEqual(answered);
    expect(attempts).toBe(answered.length);
  });

  test.concurrent("with calls side by side", async () => {
    const { answered, arrived } = await leaveAndReturn("usual", []);
    expect(arrived.toSorted((a, b) => a - b)).toEqual(answered);
  });

  /** Load goes on while the agent leaves in good order, stays away and comes back. */
  async function leaveAndReturn(name: string, args: readonly string[]) {
    const destination = await startRecordingDestination();
    const home = agentHome();
    const route = await server.route({ bucket: { name }, output: { destination: destination.url } });
    const options = { name, buckets: [name], home: home.path, args: ["--quiet", ...args] };
    let agent = await runAgent(server, options);
    try {
      const load = startLoad({ url: () => server.at.http + route.path, perSecond: PER_SECOND, inOrder: true });
      await waitFor("deliveries", () => destination.arrivals.length > 50);
      await agent.kill("SIGTERM");
      const before = { arrived: destination.arrivals.length, sent: load.result.sent };
      await waitFor(`${AWAY_SECONDS} s of webhooks`, () => load.result.sent > before.sent + MISSED, {
        timeoutMs: 20_000 + 2 * AWAY_MS,
      });
      expect(destination.arrivals.length).toBe(before.arrived);
      agent = await runAgent(server, options);
      // What it missed and what comes in meanwhile must not get mixed up.
      await waitFor("some of what was missed", () => destination.arrivals.length > before.arrived + MISSED / 4, {
        timeoutMs: 20_000 + AWAY_MS,
      });
      const { answered, refused } = await load.stop();
      expect(refused).toEqual([]);
      await destination.allArrived(answered, 20_000 + AWAY_MS);
      const attempts = destination.arrivals.length;
      return { answered, arrived: destination.arrivals.map(({ sequence }) => sequence), attempts };
    } finally {
      await agent.close();
      home.remove();
      await destination.stop();
    }
  }
});

describe("an agent that was away for longer than the resume window", () => {
  const WINDOW_MS = 2_000;
  const OLD = [1, 2, 3, 4, 5];
  const NEW = [6, 7, 8];
  const home = agentHome();
  let server: TestServer;
  let destination: RecordingDestination;
  let route: Route;
  let agent: TestAgent;
  let stalled: { id: string; status: string }[];

  beforeAll(async () => {
    server = await runServer({ env: { RESUME_WINDOW: `${WINDOW_MS / 1000}s` } });
    destination = await startRecordingDestination();
    route = await server.route({ bucket: { name: "missed" }, output: { destination: destination.url } });
    const options = { buckets: ["missed"], home: home.path, args: ["--quiet"] };
    await (await runAgent(server, options)).kill("SIGTERM");
    await post(OLD);
    const lastAt = Date.now();
    await waitFor("the resume window to pass", () => Date.now() > lastAt + WINDOW_MS);
    await post(NEW);
    agent = await runAgent(server, options);
  });

  afterAll(async () => {
    await agent?.close();
    await server.close();
    await destination.stop();
    home.remove();
  });

  test("gets what is younger than the window, and only that", async () => {
    await destination.allArrived(NEW);
    expect(destination.arrivals.map(({ sequence }) => sequence)).toEqual(NEW);
  });

  test("announces the cut and how to see it", async () => {
    await agent.seen("5 webhooks were missed for missed/out between ");
    expect(agent.stderr()).toContain("relay logs --bucket missed --status stalled shows them");
    expect(remedy()).toMatch(/^relay resend --bucket missed --status stalled --from \S+Z --to \S+Z$/);
  });

  test("finds what was cut with `relay logs --status stalled`", async () => {
    const lines = (await relay("logs", "--bucket", "missed", "--status", "stalled", "--json")).trim().split("\n");
    stalled = lines.map((line) => JSON.parse(line));
    expect(stalled.map(({ status }) => status)).toEqual(OLD.map(() => "stalled"));
  });

  test("gets one of them after `relay resend`, others by the API, one by one or all at once", async () => {
    const ids = stalled.map(({ id }) => id);
    await relay("resend", ids[0] ?? "");
    await destination.allArrived([1]);
    await server.must("POST", `/v1/logs/${ids[1]}/action`, { action: "resend" });
    await destination.allArrived([1, 2]);
    const { total } = await server.must("POST", "/v1/resends", { bucket: "missed", status: ["stalled"] });
    expect(total).toBe(OLD.length);
    await destination.allArrived(OLD);
    expect(await relay(...remedy().split(" ").slice(1))).toBe(`Sent again: ${OLD.length} stalled of missed\n`);
    await waitFor("each of them once more", () =>
      OLD.every((sequence) => destination.arrivals.filter((one) => one.sequence === sequence).length >= 2),
    );
    // A re-sent webhook is a delivery of its own.
    expect(new Set(destination.arrivals.map(({ deliveryId }) => deliveryId)).size).toBe(destination.arrivals.length);
  });

  /** The command that the agent's note names. */
  function remedy(): string {
    return /relay resend .*?(?= delivers them again)/.exec(agent.stderr())?.[0] ?? "";
  }

  async function post(sequences: readonly number[]): Promise<void> {
    for (const sequence of sequences) expect(await postWebhook(server.at.http + route.path, { sequence })).toBe(200);
  }

  async function relay(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [RELAY, ...args], {
      env: relayEnvironment(server, home.path),
    });
    return stdout;
  }
});
