import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { freePort } from "../src/postgres/free-port.js";
import { runServer } from "./support/run-server.js";

const name = `strict_${randomBytes(6).toString("hex")}`;
const SECRET = "no-one-may-read-this";
let superuser: pg.Client;

beforeAll(async () => {
  superuser = new pg.Client({ connectionString: inject("superuserUrl") });
  await superuser.connect();
  await superuser.query(`CREATE ROLE ${name} LOGIN PASSWORD '${SECRET}'`);
  // PostgreSQL 15 and newer: who does not own the database may not create tables in it.
  await superuser.query(`CREATE DATABASE ${name}`);
});
afterAll(async () => {
  await superuser.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await superuser.query(`DROP ROLE ${name}`);
  await superuser.end();
});

/** What the server says when it does not start on this database. */
async function refusal(change: (url: URL) => void): Promise<string> {
  const url = new URL(inject("superuserUrl"));
  Object.assign(url, { username: name, password: SECRET, pathname: `/${name}` });
  change(url);
  const failed = await runServer({ database: { url: url.href } }).then(
    async (server) => {
      await server.close();
      return "it started";
    },
    (error: Error) => error.message,
  );
  expect(failed).not.toContain(SECRET);
  return failed;
}

test("a role that may not create tables", async () => {
  const said = await refusal(() => {});
  expect(said).toContain(`relay: DATABASE_URL (postgresql://${name}@`);
  expect(said).toContain(
    "permission denied for schema public. The role must own the database or have CREATE on schema",
  );
});

test("a port where nobody listens", async () => {
  const port = await freePort();
  const said = await refusal((url) => {
    url.host = `127.0.0.1:${port}`;
  });
  expect(said).toContain(
    `relay: DATABASE_URL (postgresql://${name}@127.0.0.1:${port}/${name}): cannot connect: connect ECONNREFUSED`,
  );
});

test("a wrong password, and a database that is not there", async () => {
  const wrong = await refusal((url) => {
    url.password = "wrong";
  });
  expect(wrong).toMatch(/cannot connect: password authentication failed for user "strict_\w+"\. Correct the user or/);
  const missing = await refusal((url) => {
    url.pathname = "/nowhere";
  });
  expect(missing).toContain('cannot connect: database "nowhere" does not exist. Create that database first');
});
