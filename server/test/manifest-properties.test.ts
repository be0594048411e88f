import fc from "fast-check";
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

const NAME = fc.constantFrom("a", "b", "c d", "ü/%", "__proto__");
const TEXT = fc.string({ maxLength: 8, unit: fc.constantFrom(..."abc \n\"'\\é😀") });
const HEADERS = fc.dictionary(
  fc.constantFrom("X-A", "x-b", "__proto__"),
  fc.array(fc.constantFrom("", "1", "é"), { maxLength: 2 }),
);

const INPUT = fc.option(
  fc.record(
    { description: TEXT, status_code: fc.constantFrom(0, 200, 599), headers: HEADERS, body: TEXT },
    { requiredKeys: [] },
  ),
);
const OUTPUT = fc.record(
  {
    destination: fc.constantFrom("http://a.internal/", "https://b.internal/x?y=z"),
    description: TEXT,
    headers: HEADERS,
    timeout: fc.nat(180),
    disabled: fc.boolean(),
    lock_path: fc.boolean(),
    tls_verification: fc.boolean(),
    agents: fc.constantFrom("one", "each"),
  },
  { requiredKeys: ["destination"] },
);
const BUCKET = fc.option(
  fc.record(
    {
      description: TEXT,
      stream: fc.boolean(),
      ephemeral: fc.boolean(),
      large_webhooks: fc.boolean(),
      auth: fc.constant({ type: "none" }),
      inputs: fc.dictionary(NAME, INPUT, { maxKeys: 3 }),
      outputs: fc.dictionary(NAME, OUTPUT, { maxKeys: 3 }),
    },
    { requiredKeys: [] },
  ),
);
/** Without tokens: each costs a bcrypt hash. */
const BUCKETS = fc.dictionary(NAME, BUCKET, { maxKeys: 4 });

test("any manifest: planned, applied, exported, planned again, nothing is left to do", async () => {
  await fc.assert(
    fc.asyncProperty(BUCKETS, async (buckets) => {
      const { plan } = await client.planAndApply("fuzz", { buckets });
      expect((await client.plan("fuzz", { buckets })).changes).toEqual([]);
      const { content } = await server.must("GET", "/v1/export?manifest=fuzz");
      expect((await client.plan("fuzz", content)).changes).toEqual([]);
      const again = await client.planAndApply("fuzz", content);
      expect(again.plan.changes).toEqual([]);
      expect((await server.must("GET", "/v1/manifests/fuzz/drift")).changes).toEqual([]);
      expect(plan.manifest).toBe("fuzz");
    }),
    { numRuns: 25 },
  );
  await client.clear();
});

test("threat: whatever a manifest declares, what it does not manage stays byte for byte as it is", async () => {
  const names = ["a", "c d"];
  for (const name of names) {
    await server.must("POST", "/v1/buckets", { name });
    const path = `/v1/buckets/${encodeURIComponent(name)}`;
    await server.must("POST", `${path}/outputs`, { name: "ü/%", destination: "http://mine.internal/" });
  }
  const foreign = async () => {
    const rows = await Promise.all(
      ["buckets", "inputs", "outputs"].map((table) =>
        server.database.pool.query(`SELECT * FROM ${table} WHERE managed_by = '' ORDER BY id`),
      ),
    );
    return JSON.stringify(rows.map((each) => each.rows));
  };
  const before = await foreign();
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(BUCKETS, async (buckets) => {
      const inTheWay = names.some((name) => Object.hasOwn(buckets, name));
      const answer = await client.tryPlan("fuzz", { buckets });
      expect(answer.status).toBe(inTheWay ? 400 : 200);
      if (!inTheWay) {
        await client.apply("fuzz", { buckets }, answer.json);
        applied += 1;
      }
      expect(await foreign()).toBe(before);
    }),
    { numRuns: 30 },
  );
  expect(applied).toBeGreaterThan(0);
});
