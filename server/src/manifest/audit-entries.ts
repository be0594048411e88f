import { objectKey, type PlannedChange } from "@relay/provider-schema";
import type { AuditEntry } from "../store/audit.js";
import type { MadeIds } from "./execution.js";

export interface AuditedPlan {
  readonly changes: readonly PlannedChange[];
  readonly made: MadeIds;
  readonly owner: string;
  readonly actorId: string;
  readonly actor: string;
}

/** One entry for each change of a plan; a plan names no secret's value. */
export function auditEntries({ changes, made, owner, actorId, actor }: AuditedPlan): AuditEntry[] {
  return changes.map((change) => ({
    actorId,
    actor,
    source: owner,
    action: change.action,
    resource: change.resource,
    objectId: made.get(objectKey(change)) ?? change.id ?? "",
    path: change.path,
    diff: [...managerChange(change, owner), ...change.attributes],
  }));
}

function managerChange({ action, managedBy }: PlannedChange, owner: string): readonly object[] {
  if (action === "create") return [{ path: "managed_by", before: "", after: owner }];
  if (action === "delete" || managedBy === undefined) return [];
  return [{ path: "managed_by", before: managedBy, after: owner }];
}
