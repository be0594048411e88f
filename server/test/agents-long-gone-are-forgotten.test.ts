import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetAgents } from "../src/store/forget-agents.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const DAY_MS = 86_400_000;
let server: TestServer;

beforeAll(async () => {
  server = await runServer({ env: { LOGS_RETENTION_DAYS: "2", RESUME_WINDOW: "1h" } });
});
afterAll(() => server.close());

/** An agent seen last so many hours ago. */
async function agent(name: string, hoursAgo: number, serverId: number | null = null): Promise<number> {
  const { rows } = await server.database.pool.query<{ id: number }>(
    `INSERT INTO agents (token_id, name, server_id, last_seen_at)
     VALUES ($1, $2, $3, now() - $4 * interval '1 hour') RETURNING id`,
    [server.adminKey, name, serverId, hoursAgo],
  );
  return rows[0]?.id ?? 0;
}

async function names(): Promise<string[]> {
  const { rows } = await server.database.pool.query<{ name: string }>("SELECT name FROM agents ORDER BY name");
  return rows.map(({ name }) => name);
}

test("those away for long go, unless they are connected or a delivery waits for them", async () => {
  const route = await server.route({ output: { agents: "each" } });
  const waited = await agent("a delivery waits for it", 100);
  await agent("connected for long", 100, 1);
  await agent("away for an hour", 1);
  await agent("gone", 100);
  await server.database.pool.query(
    `INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id)
     VALUES (gen_random_uuid(), gen_random_uuid(), $1, $2, $3)`,
    [route.bucketId, route.outputId, waited],
  );
  expect(await forgetAgents(server.database.pool, 2 * DAY_MS)).toBe(1);
  expect(await names()).toEqual(["a delivery waits for it", "away for an hour", "connected for long"]);
});

test("a server does it at its start, after LOGS_RETENTION_DAYS", async () => {
  await agent("pod-1", 47);
  await agent("pod-2", 49);
  await server.kill("SIGTERM");
  await server.start();
  await waitFor("pod-2 to go", async () => !(await names()).includes("pod-2"));
  expect(await names()).toContain("pod-1");
  expect(server.logged("agents.forgotten")).toMatchObject([{ count: 1 }]);
});
