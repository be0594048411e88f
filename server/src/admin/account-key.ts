import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ACCOUNT_KEY_NAME, maskedAccountKey, newAccountKey } from "../auth/account-key.js";
import { hashSecret } from "../auth/secret-hash.js";
import { RelayError } from "../errors.js";
import { type AccountKey, enableAccountKey, selectAccountKey, upsertAccountKey } from "../store/account-key.js";
import type { Queryable } from "../store/queryable.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { requireUnlimited } from "./find.js";
import { recordAudit } from "./record-audit.js";
import { tokenOf } from "./request-token.js";
import { ACCOUNT_KEY_SCHEMA, type AccountKeyBody } from "./schemas/account-key.js";

const validate = bodyValidator<AccountKeyBody>("the API key", ACCOUNT_KEY_SCHEMA);

const PATH = "/v1/account/api-key";

interface AccountKeyView {
  readonly api_key: string;
  readonly enabled: boolean;
  /** True: `api_key` is masked, the key itself was shown when it was made. */
  readonly masked: boolean;
}

/**
 * The account's one API key, for tokens without scopes only: it has all rights. GET makes it when there is none, POST
 * makes another in its place, PUT switches it on and off. It is shown by the answer that makes it and never again: its
 * bcrypt hash is all that is kept.
 */
export function accountKeyRoutes(app: FastifyInstance, { catalog, changes, pool, bcryptCost }: AdminServices): void {
  /** Writes a new key unless `keep` finds one under the catalog's lock; of two requests at once one makes it. */
  async function make(request: FastifyRequest, reply: FastifyReply, keep: boolean): Promise<AccountKeyView> {
    reply.header("cache-control", "no-store");
    const before = keep ? await selectAccountKey(pool) : undefined;
    if (before !== undefined) return masked(before);
    const { secret, hint } = newAccountKey();
    const secretHash = await hashSecret(secret, bcryptCost);
    const id = randomUUID();
    const existing = await changes.run([id], async (client) => {
      const found = keep ? await selectAccountKey(client) : undefined;
      if (found !== undefined) return found;
      await upsertAccountKey(client, { id, secretHash, hint });
      await audit(client, request, catalog.token(ACCOUNT_KEY_NAME)?.id ?? id, { path: "secret", secret: true });
      return undefined;
    });
    return existing === undefined ? { api_key: secret, enabled: true, masked: false } : masked(existing);
  }

  // No HEAD: it would make a key and show it to nobody.
  app.get(PATH, { exposeHeadRoute: false }, async (request, reply) => {
    requireUnlimited(tokenOf(request));
    return make(request, reply, true);
  });

  app.post(PATH, async (request, reply) => {
    requireUnlimited(tokenOf(request));
    return make(request, reply, false);
  });

  app.put(PATH, async (request) => {
    requireUnlimited(tokenOf(request));
    const { enabled } = validate(request.body);
    await changes.run([PATH], async (client) => {
      if (!(await enableAccountKey(client, enabled)))
        throw new RelayError("not-found", `There is no API key yet. GET ${PATH} makes one.`);
      const key = catalog.token(ACCOUNT_KEY_NAME);
      if (key !== undefined && key.active !== enabled) {
        await audit(client, request, key.id, { path: "enabled", before: key.active, after: enabled });
      }
    });
    return { enabled };
  });
}

function audit(db: Queryable, request: FastifyRequest, id: string, difference: object): Promise<void> {
  return recordAudit(db, request, {
    action: "update",
    resource: "account_key",
    objectId: id,
    path: [ACCOUNT_KEY_NAME],
    diff: [difference],
  });
}

function masked({ hint, enabled }: AccountKey): AccountKeyView {
  return { api_key: maskedAccountKey(hint), enabled, masked: true };
}
