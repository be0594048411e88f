import type { FastifyRequest } from "fastify";
import { type AuditEntry, insertAudit } from "../store/audit.js";
import type { Queryable } from "../store/queryable.js";
import { managedByOf } from "./managed-by.js";
import { tokenOf } from "./request-token.js";
import { tokenLabel } from "./token-label.js";

/** Writes one entry into the audit, in the transaction `db` of the change it tells of. `diff` must hold no secret. */
export async function recordAudit(
  db: Queryable,
  request: FastifyRequest,
  entry: Omit<AuditEntry, "actor" | "actorId" | "source">,
): Promise<void> {
  const token = tokenOf(request);
  await insertAudit(db, [
    { actorId: token.id, actor: tokenLabel(token), source: managedByOf(request) ?? "api", ...entry },
  ]);
}
