import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import pg from "pg";
import type { Logger } from "pino";
import { KeyUnavailableError } from "../crypto/key-unavailable-error.js";
import { RelayError } from "../errors.js";

const UNREACHABLE = /^(E[A-Z]+)$/;
/** character_not_in_repertoire and untranslatable_character: NUL in a text, and in JSON. */
const UNSTORABLE = new Set(["22021", "22P05"]);
const LOST =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection ended|not queryable/i;

/** Answers a failed request: the right status, and as body one plain text for people. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): FastifyReply {
  const refusal = asRefusal(error, request.routeOptions.bodyLimit);
  if (refusal === undefined) {
    logger.error({ err: error, requestId: request.id, route: request.routeOptions.url }, "admin.request-failed");
    return send(
      reply,
      new RelayError("internal", `Internal error; the server's log has the details under request ${request.id}.`),
    );
  }
  if (refusal.code === "unavailable") {
    logger.warn({ err: refusal.cause ?? refusal, route: request.routeOptions.url }, "admin.unavailable");
  }
  return send(reply, refusal);
}

function send(reply: FastifyReply, refusal: RelayError): FastifyReply {
  if (refusal.code === "unauthorized") reply.header("www-authenticate", 'Basic realm="relay", charset="UTF-8"');
  if (refusal.retryAfterSeconds !== undefined) reply.header("retry-after", String(refusal.retryAfterSeconds));
  return reply
    .code(refusal.status)
    .header("x-content-type-options", "nosniff")
    .type("text/plain; charset=utf-8")
    .send(refusal.message);
}

function asRefusal(error: unknown, bodyLimit: number): RelayError | undefined {
  if (error instanceof RelayError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof KeyUnavailableError) {
    return new RelayError(
      "unavailable",
      "The key-encryption key cannot be used at the moment, so nothing can be encrypted that is not already. Try again; the server's log says why.",
      { retryAfterSeconds: 5, cause: error },
    );
  }
  if (error instanceof pg.DatabaseError) return ofDatabase(error);
  const { code, statusCode } = error as Partial<FastifyError>;
  if (statusCode === 413) {
    const most = Math.floor(bodyLimit / 1_048_576);
    return new RelayError("too-large", `The body is larger than ${most} MB, the most that is taken here.`);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new RelayError("invalid", error.message);
  if (LOST.test(error.message) || (typeof code === "string" && UNREACHABLE.test(code))) return databaseAway(error);
  return undefined;
}

function ofDatabase(error: pg.DatabaseError): RelayError | undefined {
  const code = error.code ?? "";
  if (code === "57014") {
    return new RelayError(
      "unavailable",
      "The database took too long. Ask for less: a bucket, or a shorter time by from and to.",
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    );
  }
  // Checked at the edge already; a text that slips through is still the sender's mistake.
  if (UNSTORABLE.has(code)) {
    return new RelayError("invalid", "A text holds a NUL character, which cannot be stored.", { cause: error });
  }
  // Classes of PostgreSQL (appendix A): 08 connection, 53 out of resources, 57 operator intervention.
  if (/^(08|53|57)/.test(code)) return databaseAway(error);
  return undefined;
}

function databaseAway(cause: unknown): RelayError {
  return new RelayError("unavailable", "The database cannot be reached at the moment. Try again in a moment.", {
    retryAfterSeconds: 2,
    cause,
  });
}
