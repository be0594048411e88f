import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { type AgentProcess, agentHome, startAgentProcess } from "../agent-process.js";
import { relayEnvironment } from "./support/run-agent.js";

const LONG = { timeoutMs: 30_000 };

let server: TestServer;
let home: ReturnType<typeof agentHome>;

beforeAll(async () => {
  server = await runServer();
  home = agentHome();
});
afterAll(async () => {
  await server.close();
  home.remove();
});

const start = (...args: readonly string[]): AgentProcess =>
  startAgentProcess(args, relayEnvironment(server, home.path));

async function relay(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const done = start(...args);
  return { code: await done.exited, out: done.stdout(), err: done.stderr() };
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

async function post({ path }: Pick<Route, "path">, ...bodies: readonly (string | Buffer)[]): Promise<void> {
  for (const body of bodies) await fetch(server.at.http + path, { method: "POST", body });
}

async function bucket(name: string): Promise<Route> {
  return server.route({ bucket: { name } });
}

/** A bucket that delivers to nobody. */
async function emptyBucket(name: string): Promise<Route> {
  const route = await bucket(name);
  await server.must("DELETE", `/v1/buckets/${route.bucketId}/outputs/${route.outputId}`);
  return route;
}

describe("relay events", () => {
  test("takes what there is, oldest first, and what it took is gone", async () => {
    const route = await emptyBucket("orders");
    await post(route, "1", "2", "3");
    const first = await relay("events", "-b", "orders", "--json", "--limit", "2");
    expect(lines(first.out).map((line) => JSON.parse(line).body)).toEqual(["1", "2"]);
    expect(first.code).toBe(0);
    const second = await relay("events", "-b", "orders", "--body");
    expect(lines(second.out)).toEqual([expect.stringMatching(/POST \/ sent/), "3"]);
    expect(await relay("events", "-b", "orders")).toEqual({ code: 0, out: "", err: "" });
  });

  test("goes on with --follow until interrupted, and takes nothing along then", async () => {
    const route = await emptyBucket("followed");
    const following = start("events", "-b", "followed", "--follow", "--json");
    await post(route, "a");
    await waitFor("the first", () => lines(following.stdout()).length === 1, LONG);
    await post(route, "b", "c");
    await waitFor("the others", () => lines(following.stdout()).length === 3, LONG);
    following.child.kill("SIGINT");
    expect(await following.exited).toBe(0);
    expect(lines(following.stdout()).map((line) => JSON.parse(line).body)).toEqual(["a", "b", "c"]);
    await post(route, "d");
    expect((await relay("events", "-b", "followed", "--body")).out).toContain("\nd\n");
  });

  test("takes from one output, and says what is wrong", async () => {
    const route = await bucket("one output");
    await post(route, Buffer.from([0xff, 0]));
    expect((await relay("events", "-b", "one output", "-o", "out", "--body")).out).toContain("in base64) /wA=");
    const wrong = await relay("events", "-b", "one output", "--max-age", "1d");
    expect([wrong.code, wrong.err.includes("max_age: is not a duration")]).toEqual([1, true]);
    const none = await relay("events", "-b", "nowhere");
    expect([none.code, none.err.includes('no bucket "nowhere"')]).toEqual([1, true]);
  });
});

describe("relay resend --bucket", () => {
  /** A bucket in which so many webhooks waited too long for an agent. */
  async function stalled(name: string, count: number): Promise<Route> {
    const route = await bucket(name);
    await post(route, ...Array.from({ length: count }, (_, i) => String(i)));
    await server.database.pool.query(
      `WITH gone AS (DELETE FROM deliveries WHERE bucket_id = $1 RETURNING *)
       INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status)
       SELECT id, webhook_id, bucket_id, output_id, 3 FROM gone`,
      [route.bucketId],
    );
    return route;
  }

  const waiting = async ({ bucketId }: Route) =>
    (
      await server.database.pool.query<{ output_id: string; skip_function: boolean }>(
        "SELECT output_id, skip_function FROM deliveries WHERE bucket_id = $1 ORDER BY id",
        [bucketId],
      )
    ).rows;

  test("counts with --dry-run, then sends", async () => {
    const route = await stalled("counted", 7);
    const counted = await relay(
      "resend",
      "--bucket",
      "counted",
      "--dry-run",
      "--status",
      "stalled",
      "--status",
      "failed",
    );
    expect([counted.code, counted.out]).toEqual([0, "Would send again: 7 stalled, failed of counted\n"]);
    expect(await waiting(route)).toEqual([]);
    const sent = await relay("resend", "--bucket", "counted", "--rate", "1000");
    expect([sent.code, sent.out]).toEqual([0, "Sent again: 7 stalled of counted\n"]);
    expect(await waiting(route)).toHaveLength(7);
  });

  test("sends to another output, without functions, and says what was skipped", async () => {
    const route = await stalled("moved", 3);
    const body = { name: "other", destination: "http://localhost:1", internal: true };
    const { id } = await server.must("POST", `/v1/buckets/${route.bucketId}/outputs`, body);
    const { rows } = await server.database.pool.query<{ webhook_id: string }>(
      "SELECT webhook_id FROM outcomes WHERE bucket_id = $1 ORDER BY id",
      [route.bucketId],
    );
    await server.database.pool.query("DELETE FROM webhooks WHERE id = $1", [rows[0]?.webhook_id]);
    const args = ["--output", "out", "--to-output", "other", "--skip-functions"];
    const sent = await relay("resend", "--bucket", "moved", ...args);
    expect(sent.out).toBe("Sent again: 2 stalled of moved; skipped: 1 removed by retention\n");
    expect(await waiting(route)).toEqual(Array(2).fill({ output_id: id, skip_function: true }));
  });

  test("goes on by itself when the command is interrupted, and says how to end it", async () => {
    const route = await stalled("left", 20);
    const watching = start("resend", "--bucket", "left", "--rate", "20");
    await waitFor("the job", async () => (await waiting(route)).length > 0, LONG);
    watching.child.kill("SIGINT");
    expect(await watching.exited).toBe(0);
    const ends = /relay (api -X DELETE resends\/\S+) ends it/.exec(watching.stderr())?.[1] ?? "";
    expect(ends).not.toBe("");
    await waitFor("the rest", async () => (await waiting(route)).length === 20, LONG);
    const ended = await relay(...ends.split(" "));
    expect(JSON.parse(ended.out)).toMatchObject({ made: 20 });
  });
});
