import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let client: ManifestClient;

beforeAll(async () => {
  server = await runServer();
  client = manifestClient(server);
});
afterAll(() => server?.close());

const ROUNDS = Number(process.env.RELAY_KILL_ROUNDS ?? 8);
const BUCKETS = 200;

/** Two manifests that differ in every bucket: created, changed and deleted by turns. */
const content = (round: number) => ({
  buckets: Object.fromEntries(
    Array.from({ length: BUCKETS }, (_, i) => [
      `bucket-${(round % 2) * 100 + i}`,
      {
        description: `of round ${round}`,
        inputs: { in: null },
        outputs: { out: { destination: "http://x.internal/" } },
      },
    ]),
  ),
});

test(
  "a server that is killed while it applies has applied everything or nothing",
  async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await client.plan("crash", content(round));
      expect(before.changes.length).toBeGreaterThan(0);
      const answer = client.tryApply("crash", content(round), before).then(
        ({ status }) => status,
        () => 0,
      );
      // From before the transaction begins to after it has ended.
      await sleep((round * 400) / ROUNDS);
      await server.kill("SIGKILL");
      const status = await answer;
      await server.start();
      const { rowCount } = await server.database.pool.query(
        "SELECT FROM buckets b WHERE NOT EXISTS (SELECT FROM bucket_keys k WHERE k.bucket_id = b.id)",
      );
      expect(rowCount).toBe(0);
      const after = await client.plan("crash", content(round));
      if (after.changes.length === 0) outcomes.add("everything");
      else {
        expect(status).not.toBe(200);
        expect(after).toEqual(before);
        outcomes.add("nothing");
        await client.apply("crash", content(round), after);
      }
      expect((await client.plan("crash", content(round))).changes).toEqual([]);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  },
  60_000 + ROUNDS * 6_000,
);
