import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseAddress } from "./database-address.js";

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-address-"));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

function settings(changes: Partial<Parameters<typeof databaseAddress>[0]> = {}) {
  const none = { databaseUrl: "", postgresHost: "", postgresUser: "", postgresPassword: "", postgresDatabase: "" };
  return { ...none, postgresCa: "", dataDir, ...changes };
}

/** What the driver makes of the parts. */
async function driver(changes: Parameters<typeof settings>[0]) {
  const { url } = await databaseAddress(settings({ postgresUser: "relay", ...changes }));
  const { host, port, user, password, database } = new pg.Client({ connectionString: url });
  return { host, port, user, password, database };
}

test("DATABASE_URL passes as it is, and nothing at all means the private database", async () => {
  const databaseUrl = "postgresql://relay@db/relay";
  expect(await databaseAddress(settings({ databaseUrl }))).toEqual({ url: databaseUrl, setting: "DATABASE_URL" });
  expect((await databaseAddress(settings())).url).toBe("");
});

test.each([
  ["db.example.com", "db.example.com", 5432],
  ["db.example.com:6543", "db.example.com", 6543],
  ["192.0.2.1", "192.0.2.1", 5432],
  ["2001:db8::1", "2001:db8::1", 5432],
  ["[2001:db8::1]:6543", "2001:db8::1", 6543],
  ["/var/run/postgresql", "/var/run/postgresql", 5432],
])("POSTGRES_HOST=%s", async (postgresHost, host, port) => {
  expect(await driver({ postgresHost })).toMatchObject({ host, port, user: "relay", database: "relay" });
});

test("user, password and database need no encoding", async () => {
  const odd = "a@b:c/d?e#f%20 ü";
  const changes = { postgresHost: "db", postgresUser: odd, postgresPassword: odd, postgresDatabase: "my-db" };
  expect(await driver(changes)).toEqual({ host: "db", port: 5432, user: odd, password: odd, database: "my-db" });
});

test("the authority is a file, or a text that becomes one", async () => {
  const parts = { postgresHost: "db", postgresUser: "relay" };
  const file = new URL((await databaseAddress(settings({ ...parts, postgresCa: "/etc/ca.pem" }))).url).searchParams;
  expect([file.get("sslmode"), file.get("sslrootcert")]).toEqual(["verify-full", "/etc/ca.pem"]);
  const text = "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----";
  const made = new URL((await databaseAddress(settings({ ...parts, postgresCa: text }))).url).searchParams;
  expect(await readFile(made.get("sslrootcert") ?? "", "utf8")).toBe(
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  );
});
