import { sameValue } from "../engine/same-value.js";
import type { Value } from "../engine/value.js";
import { decodeProperties } from "./wire/decode-properties.js";
import { DiffChanges, DiffKind, type DiffRequest, type DiffResponse } from "./wire/generated/pulumi_provider.js";

/**
 * What differs between two configurations of the provider. Nothing of it replaces: a server that moved to another address
 * or got another token still has its objects. Where the address is another server's, a refresh shows what is not there.
 */
export function diffConfig(request: DiffRequest): DiffResponse {
  const olds = decodeProperties(request.oldInputs ?? request.olds).values;
  const news = decodeProperties(request.news).values;
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((name) => {
    const before: Value = olds[name] ?? null;
    return !sameValue({ type: "string" }, before, news[name] ?? null);
  });
  return {
    replaces: [],
    stables: [],
    deleteBeforeReplace: false,
    changes: changed.length > 0 ? DiffChanges.DIFF_CHANGES_SOME : DiffChanges.DIFF_CHANGES_NONE,
    diffs: changed,
    detailedDiff: new Map(changed.map((name) => [name, { kind: DiffKind.DIFF_KIND_UPDATE, inputDiff: true }])),
    hasDetailedDiff: true,
  };
}
