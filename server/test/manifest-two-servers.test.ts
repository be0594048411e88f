import { afterAll, beforeAll, expect, test } from "vitest";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let one: TestServer;
let two: TestServer;
let clients: readonly [ManifestClient, ManifestClient];

beforeAll(async () => {
  one = await runServer();
  two = await runServer({ database: { url: one.database.url }, dataDir: one.dataDir });
  clients = [manifestClient(one), manifestClient(two)];
});
afterAll(async () => {
  await two?.close();
  await one?.close();
});

const content = (description: string) => ({
  buckets: {
    github: {
      description,
      auth: { type: "basic", username: "u", password: "a password of theirs" },
      inputs: { push: null },
    },
  },
});

test("a plan of one server is applied on the other, and after a restart", async () => {
  const [first, second] = clients;
  const plan = await first.plan("team", content("one"));
  await one.kill();
  await one.start();
  const applied = await second.apply("team", content("one"), plan);
  expect(applied.plan.fingerprint).toBe(plan.fingerprint);
  expect((await first.plan("team", content("one"))).changes).toEqual([]);
  expect(await one.must("GET", "/v1/buckets/github")).toMatchObject({ description: "one" });
});

test("threat: of two that apply at once one wins, and the other is told what it would do now", async () => {
  const contents = Array.from({ length: 6 }, (_, i) => content(`of ${i}`));
  const plans = await Promise.all(contents.map((each, i) => clients[i % 2 === 0 ? 0 : 1].plan("team", each)));
  const answers = await Promise.all(
    contents.map((each, i) => clients[i % 2 === 0 ? 0 : 1].tryApply("team", each, plans[i] ?? { fingerprint: "" })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 409, 409, 409, 409, 409]);
  const winner = answers.findIndex(({ status }) => status === 200);
  expect(await two.must("GET", "/v1/buckets/github")).toMatchObject({ description: `of ${winner}` });
  for (const { status, json } of answers) {
    if (status === 409) expect(json.plan.changes[0].attributes[0].before).toBe(`of ${winner}`);
  }
});
