import type pg from "pg";
import { expect, test } from "vitest";
import { requirePostgresVersion } from "./require-postgres-version.js";

function database(number: number, name: string): Pick<pg.Pool, "query"> {
  return { query: async () => ({ rows: [{ number, name }] }) } as unknown as Pick<pg.Pool, "query">;
}

test("15 and newer pass, older ones are refused by name", async () => {
  await requirePostgresVersion(database(150_000, "15.0"));
  await requirePostgresVersion(database(180_001, "18.1"));
  await expect(requirePostgresVersion(database(140_011, "14.11"))).rejects.toThrow(
    "PostgreSQL 14.11 is too old: this server needs 15 or newer.",
  );
});
