import {
  attributeChanges,
  createdAttributes,
  declaredValues,
  manifestAttributes,
  type Resource,
  type Values,
} from "@relay/provider-schema";
import type { FastifyRequest } from "fastify";
import type { Queryable } from "../store/queryable.js";
import { recordAudit } from "./record-audit.js";

export interface AuditedChange {
  readonly id: string;
  /** Names from the outermost object on. */
  readonly path: readonly string[];
  /** The object as the API shows it; absent when the change makes it. */
  readonly before?: object;
  /** The same afterwards; absent when the change deletes it. */
  readonly after?: object;
  /** Given secrets that change, by the path of their attribute, such as `auth.password`. */
  readonly secrets?: readonly string[];
  /** Instead of `create`, `update` or `delete`. */
  readonly action?: string;
}

/**
 * Writes one change of an object into the audit, in the transaction `db` of the change itself: who, from where, and what
 * differs between the two views. Nothing is written for a change that changes nothing.
 */
export async function auditChange(
  db: Queryable,
  request: FastifyRequest,
  resource: Resource,
  { id, path, before, after, secrets = [], action }: AuditedChange,
): Promise<void> {
  const diff = [
    ...managerChange(before, after),
    ...difference(resource, before, after),
    ...secrets.map((secret) => ({ path: secret, secret: true })),
  ];
  if (before !== undefined && after !== undefined && diff.length === 0) return;
  await recordAudit(db, request, {
    action: action ?? (before === undefined ? "create" : after === undefined ? "delete" : "update"),
    resource: resource.name,
    objectId: id,
    path,
    diff,
  });
}

function difference(resource: Resource, before: object | undefined, after: object | undefined): readonly object[] {
  if (after === undefined) return [];
  const attributes = manifestAttributes(resource);
  const values = declaredValues(attributes, after as Values);
  if (before === undefined) return createdAttributes(attributes, values);
  const renamed = leafChange("name", before, after);
  return [
    ...renamed,
    ...attributeChanges(attributes, declaredValues(attributes, before as Values), values, () => false),
  ];
}

function managerChange(before: object | undefined, after: object | undefined): readonly object[] {
  return after === undefined ? [] : leafChange("managed_by", before ?? { managed_by: "" }, after);
}

function leafChange(path: "name" | "managed_by", before: object, after: object): readonly object[] {
  const [was, is] = [(before as Values)[path], (after as Values)[path]];
  return was === is ? [] : [{ path, ...(was === undefined ? {} : { before: was }), after: is }];
}
