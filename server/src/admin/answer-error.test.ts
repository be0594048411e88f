import fastify from "fastify";
import pg from "pg";
import { pino } from "pino";
import { expect, it } from "vitest";
import { RelayError } from "../errors.js";
import { answerError } from "./answer-error.js";

function database(code: string): Error {
  return Object.assign(new pg.DatabaseError("secret detail", 1, "error"), { code });
}

async function answerTo(error: unknown) {
  const app = fastify();
  app.setErrorHandler((thrown, request, reply) => answerError(thrown, request, reply, pino({ level: "silent" })));
  app.get("/", async () => {
    throw error;
  });
  return app.inject("/");
}

it.each([
  ["a lost connection", new Error("Connection terminated unexpectedly"), 503],
  ["a full pool", new Error("timeout exceeded when trying to connect"), 503],
  ["a closed port", Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), 503],
  ["a database that shuts down", database("57P01"), 503],
  ["a full disk", database("53100"), 503],
  ["a cancelled statement", database("57014"), 503],
  ["a text that PostgreSQL cannot store", database("22021"), 400],
  ["a JSON text that PostgreSQL cannot store", database("22P05"), 400],
  ["a refusal", new RelayError("precondition", "taken"), 412],
  ["a bug", new TypeError("secret detail"), 500],
  ["a statement that is wrong", database("42601"), 500],
  ["something that is no error", "secret detail", 500],
])("answers %s in plain text, without what is inside", async (_name, error, status) => {
  const answer = await answerTo(error);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(answer.body).not.toContain("secret detail");
  expect(answer.body.length).toBeGreaterThan(0);
  expect(answer.headers["retry-after"] !== undefined).toBe(status === 503);
});
