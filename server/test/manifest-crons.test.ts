import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let client: ManifestClient;

beforeAll(async () => {
  server = await runServer();
  client = manifestClient(server);
});
afterAll(() => server?.close());

const content = (crons: object) => ({ buckets: { reports: { crons } } });

async function apply(crons: object) {
  const plan = await client.plan("team", content(crons));
  await client.apply("team", content(crons), plan);
  return plan;
}

test("a manifest makes, changes, keeps and removes crons, and an export has them", async () => {
  const nightly = { schedule: "30 2 * * *", timezone: "Europe/Berlin", payload: "{}", headers: { "X-A": ["1"] } };
  await apply({ nightly, hourly: { schedule: "@hourly" } });
  const before = await server.must("GET", "/v1/buckets/reports/crons/nightly");
  expect(before).toMatchObject({ ...nightly, managed_by: "manifest/team", missed: "skip" });
  expect(Date.parse(before.next_run)).toBeGreaterThan(Date.now());
  expect((await client.plan("team", content({ nightly, hourly: { schedule: "@hourly" } }))).changes).toEqual([]);

  const changed = await apply({ nightly: { ...nightly, missed: "once" } });
  expect(changed.changes.map(({ action, path }) => [action, path])).toEqual(
    expect.arrayContaining([
      ["update", ["reports", "nightly"]],
      ["delete", ["reports", "hourly"]],
    ]),
  );
  const after = await server.must("GET", "/v1/buckets/reports/crons/nightly");
  expect(after).toMatchObject({ id: before.id, missed: "once", next_run: before.next_run });
  expect(await server.must("GET", "/v1/buckets/reports/crons")).toHaveLength(1);

  const exported = await server.must("GET", "/v1/export");
  expect(JSON.stringify(exported)).toContain('"nightly"');
});

test("a wrong schedule is refused with its place and its field", async () => {
  const answer = await client.tryPlan("team", content({ nightly: { schedule: "0 25 * * *" } }));
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify(answer.json)).toContain('has the hour \\"25\\"');
});

test("the manifest of the documentation is taken", async () => {
  const docs = readFileSync(new URL("../../docs/schedules.md", import.meta.url), "utf8");
  const [, yaml = ""] = /^```yaml\n(.*?)^```$/ms.exec(docs) ?? [];
  const { manifest: _, ...declared } = parse(yaml);
  const { changes } = await client.plan("docs", { buckets: { documented: declared.buckets.reports } });
  expect(changes.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    "create bucket",
    "create output",
    "create cron",
  ]);
});
