import { type PlannedChange, TOKEN, type TokenBody } from "@relay/provider-schema";
import { declaredToken } from "../../admin/declared-token.js";
import { replacedToken } from "../../admin/replaced-token.js";
import { deleteTokens, insertTokens, rotateSecret, updateTokens, type WrittenToken } from "../../store/tokens.js";
import { existingForm } from "./existing-form.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(TOKEN);

export const TOKENS: ManifestResource = {
  resource: TOKEN,
  existing: (catalog) =>
    catalog.tokens().flatMap((token) => {
      // One without a name cannot be declared.
      if (token.name === null) return [];
      return [form(token, [token.name], declaredToken(token), { own_secret: token.secretHash })];
    }),
  remove: deleteTokens,
  make: (client, changes, work) =>
    insertTokens(
      client,
      changes.map((change) => ({ ...row(change, work), secretHash: newHash(change, work) })),
    ),
  change: async (client, changes, work) => {
    const count = await updateTokens(
      client,
      changes.map((change) => row(change, work)),
    );
    for (const change of changes) {
      const secretHash = work.execution.secretHash(change, "own_secret");
      if (secretHash !== undefined) await rotateSecret(client, work.id(change), { secretHash, graceSeconds: 0 });
    }
    return count;
  },
};

function row(change: PlannedChange, work: PlanWork): WrittenToken {
  const common = work.common(change);
  const before = { apiAccess: false, active: true, name: common.name, expiresAt: 0 };
  return { ...replacedToken(work.values<TokenBody>(change), before), ...common, id: work.id(change) };
}

function newHash(change: PlannedChange, { execution }: PlanWork): string {
  const hash = execution.secretHash(change, "own_secret") ?? execution.madeSecretHash(change.path[0] ?? "");
  if (hash === undefined) throw new Error("manifest: a token without a secret");
  return hash;
}
