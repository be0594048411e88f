import type { FastifyInstance } from "fastify";
import { RelayError } from "../errors.js";
import { type RecordedEntry, selectAudit } from "../store/audit.js";
import type { AdminServices } from "./admin-services.js";
import { requireUnlimited } from "./find.js";
import { tokenOf } from "./request-token.js";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

interface Query {
  readonly limit?: string;
  readonly cursor?: string;
  readonly resource?: string;
  readonly name?: string;
}

/** GET /v1/audit?limit&cursor&resource&name: who changed what, newest first. For tokens without scopes only. */
export function auditRoutes(app: FastifyInstance, { pool }: AdminServices): void {
  app.get<{ Querystring: Query }>("/v1/audit", async (request) => {
    requireUnlimited(tokenOf(request));
    const { limit = String(DEFAULT_LIMIT), cursor, resource, name } = request.query;
    if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) {
      throw new RelayError("invalid", `limit: must be from 1 to ${MAX_LIMIT}`);
    }
    if (cursor !== undefined && !/^\d{1,18}$/.test(cursor)) {
      throw new RelayError("invalid", "cursor: must be the next_cursor of an answer");
    }
    const entries = await selectAudit(pool, { limit: Number(limit) + 1, before: cursor, resource, name });
    const page = entries.slice(0, Number(limit));
    return { entries: page.map(entryView), next_cursor: entries.length > page.length ? (page.at(-1)?.id ?? "") : "" };
  });
}

function entryView({ id, at, actorId, actor, source, action, resource, objectId, path, diff }: RecordedEntry): object {
  return { id, at, actor_id: actorId, actor, source, action, resource, object_id: objectId, path, diff };
}
