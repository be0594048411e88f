import { expect, test } from "vitest";
import { databaseError } from "./database-error.js";

const context = {
  setting: "DATABASE_URL",
  url: "postgresql://relay:hush@db.example.com:5432/relay?sslmode=verify-full&password=hush",
  doing: "connect",
};

function failed(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

test("names the setting, the address, what was tried and what helps, but no password", () => {
  const { message } = databaseError(failed("ENOTFOUND", "getaddrinfo ENOTFOUND db.example.com"), context);
  expect(message).toBe(
    "DATABASE_URL (postgresql://relay@db.example.com:5432/relay): cannot connect: getaddrinfo ENOTFOUND db.example.com. " +
      "Correct the host name.",
  );
  expect(databaseError(failed("42501", "permission denied for schema public"), context).message).toContain(
    "The role must own the database or have CREATE on schema public.",
  );
});

test("what has no hint, no message or no readable URL is still said", () => {
  expect(databaseError(new Error("timeout expired"), { ...context, url: "postgresql://" }).message).toBe(
    "DATABASE_URL (postgresql://): cannot connect: timeout expired.",
  );
  const two = Object.assign(
    new AggregateError([failed("ECONNREFUSED", "connect ::1"), failed("ECONNREFUSED", "connect 127.0.0.1")]),
    {
      code: "ECONNREFUSED",
    },
  );
  expect(databaseError(two, { ...context, url: "" }).message).toMatch(
    /^DATABASE_URL: cannot connect: connect ::1, connect 127\.0\.0\.1\. Is PostgreSQL running/,
  );
  expect(databaseError("odd", context).message).toContain("cannot connect: odd.");
  const socket = databaseError(failed("ENOENT", "x"), { ...context, url: "postgresql://u:p@%2Fvar%2Frun/db" });
  expect(socket.message).toContain("postgresql://u@/var/run/db");
});
