import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { queryOnce } from "./support/query-once.js";
import { runServer } from "./support/run-server.js";
import { runWord } from "./support/run-word.js";

/**
 * As a cloud database has it (Cloud SQL with IAM logins): the database belongs to a role that may make roles, the login that
 * migrates is a member of it, and the login of the servers starts with nothing.
 */
const id = randomBytes(4).toString("hex");
const SUPER = `cloud_super_${id}`;
const OWNER = `relay_owner_${id}`;
const MIGRATIONS = `migrations-${id}@project.iam`;
const SERVER = `server-${id}@project.iam`;
const STRANGER = `stranger-${id}@project.iam`;
const DATABASE = `cloud_${id}`;
const PASSWORD = "only-for-this-test";

const asSuperuser = (sql: string) => queryOnce(inject("superuserUrl"), sql);

function urlOf(login: string): string {
  const url = new URL(inject("templateUrl"));
  url.username = login;
  url.password = PASSWORD;
  url.pathname = DATABASE;
  return url.href;
}

async function query(login: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: urlOf(login) });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const migrate = (login: string) =>
  runWord(["migrate"], { DATABASE_URL: urlOf(login), DATABASE_ROLE: OWNER, DATABASE_ROLE_MEMBERS: SERVER });

const startAs = (login: string) =>
  runServer({
    database: { url: urlOf(login) },
    env: { DATABASE_ROLE: OWNER, MIGRATE_ON_START: "false" },
  });

beforeAll(async () => {
  await asSuperuser(`CREATE ROLE ${SUPER} NOLOGIN CREATEROLE CREATEDB`);
  for (const login of [MIGRATIONS, SERVER, STRANGER]) {
    await asSuperuser(`CREATE ROLE "${login}" LOGIN PASSWORD '${PASSWORD}'`);
  }
  await asSuperuser(`GRANT ${SUPER} TO "${MIGRATIONS}"`);
  await asSuperuser(`CREATE DATABASE ${DATABASE} OWNER ${SUPER}`);
});

afterAll(async () => {
  await asSuperuser(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  for (const role of [OWNER, MIGRATIONS, SERVER, STRANGER, SUPER]) await asSuperuser(`DROP ROLE IF EXISTS "${role}"`);
});

test("a server is told what to do while the role is not there", async () => {
  await expect(startAs(SERVER)).rejects.toThrow(
    /role "relay_owner_\w+" does not exist\. Run the same program with the word migrate first/,
  );
});

test("a login without the right to make roles is told so, and nothing is half made", async () => {
  await expect(startAs(STRANGER)).rejects.toThrow("does not exist");
  const { code, stderr } = await migrate(STRANGER);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`make ${OWNER} the owner of the tables (DATABASE_ROLE)`)]);
  const { rowCount } = await query(MIGRATIONS, `SELECT FROM pg_roles WHERE rolname = '${OWNER}'`);
  expect(rowCount).toBe(0);
});

test("migrate makes the role, which owns every table, and again finds nothing to do", async () => {
  const together = await Promise.all([migrate(MIGRATIONS), migrate(MIGRATIONS)]);
  expect(together.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  expect((await migrate(MIGRATIONS)).stdout).toContain("nothing to do");
  const { rows } = await query(MIGRATIONS, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'");
  expect(rows).toEqual([{ tableowner: OWNER }]);
});

test("a server of another login takes webhooks and makes partitions as that role", async () => {
  const server = await startAs(SERVER);
  try {
    const bucket = (await server.must("POST", "/v1/buckets", { name: "orders" })) as { inputs: { id: string }[] };
    const posted = await fetch(`${server.at.http}/v1/webhooks/${bucket.inputs[0]?.id}`, {
      method: "POST",
      body: "paid",
    });
    expect(posted.status).toBe(200);
    const { rows } = await query(MIGRATIONS, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'");
    expect(rows).toEqual([{ tableowner: OWNER }]);
  } finally {
    await server.close();
  }
}, 60_000);

test("threat: a login that nobody made a member cannot act as the role", async () => {
  await expect(startAs(STRANGER)).rejects.toThrow(/permission denied to set role .* DATABASE_ROLE_MEMBERS/);
  await expect(query(STRANGER, `SET ROLE ${OWNER}`)).rejects.toThrow("permission denied");
});

test("threat: the servers' login, taken over, makes no roles, and owns neither the database nor its neighbours", async () => {
  for (const sql of [
    `CREATE ROLE "more-${id}"`,
    `DROP DATABASE ${DATABASE}`,
    `GRANT ${SUPER} TO "${SERVER}"`,
    `ALTER ROLE "${MIGRATIONS}" PASSWORD 'mine'`,
    "SELECT rolpassword FROM pg_authid",
  ]) {
    await expect(query(SERVER, sql), sql).rejects.toThrow(/permission denied|must be owner/);
  }
});
