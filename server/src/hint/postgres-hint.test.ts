import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, withTestDatabase } from "../../test/support/test-postgres.js";
import { waitFor } from "../../test/support/wait-for.js";
import { PostgresHint } from "./postgres-hint.js";

let database: TestDatabase;
const hints: PostgresHint[] = [];
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(async () => {
  await Promise.all(hints.map((hint) => hint.close()));
  await database.close();
});

async function start() {
  const hint = new PostgresHint({ url: database.url, logger: pino({ level: "silent" }) });
  hints.push(hint);
  await hint.start();
  const heard = { work: new Set<string>(), catalog: new Set<string>(), agents: new Set<string>() };
  for (const topic of ["work", "catalog", "agents"] as const) {
    hint.subscribe(topic, (subjects) => {
      for (const subject of subjects) heard[topic].add(subject);
    });
  }
  return { hint, heard };
}

test("a hint reaches the publisher at once and the other servers soon, under its topic only", async () => {
  const [a, b] = [await start(), await start()];
  const id = randomUUID();
  a.hint.publish("work", [id]);
  expect(a.heard.work.has(id)).toBe(true);
  await waitFor("the other server", () => b.heard.work.has(id));
  expect(b.heard.catalog.size + b.heard.agents.size).toBe(0);
});

test("more subjects than one notification holds all arrive", async () => {
  const [a, b] = [await start(), await start()];
  const ids = Array.from({ length: 1_000 }, () => randomUUID());
  a.hint.publish("catalog", ids);
  await waitFor("all of them", () => ids.every((id) => b.heard.catalog.has(id)));
});

test("a hint without subjects is heard of too", async () => {
  const [a, b] = [await start(), await start()];
  let heard = 0;
  b.hint.subscribe("catalog", () => {
    heard += 1;
  });
  a.hint.publish("catalog", []);
  a.hint.publish("catalog", ["after"]);
  await waitFor("the one after", () => b.heard.catalog.has("after"));
  expect(heard).toBeGreaterThan(0);
});

test("who unsubscribed hears nothing more", async () => {
  const { hint } = await start();
  let heard = 0;
  const stop = hint.subscribe("agents", () => {
    heard += 1;
  });
  stop();
  hint.publish("agents", ["1"]);
  expect(heard).toBe(0);
});

test("a lost connection is made again, and publishing meanwhile does not throw", async () => {
  const [a, b] = [await start(), await start()];
  await database.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'relay-hint'",
  );
  const id = randomUUID();
  await waitFor("a hint on the new connections", () => {
    a.hint.publish("work", [id]);
    return b.heard.work.has(id);
  });
});
