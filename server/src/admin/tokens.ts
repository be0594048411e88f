import { randomUUID } from "node:crypto";
import { apiBodySchema, TOKEN, type TokenBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import { compareSecret, hashSecret } from "../auth/secret-hash.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import {
  deleteToken,
  insertToken,
  rotateSecret,
  selectToken,
  selectTokens,
  type TokenFields,
  updateToken,
} from "../store/tokens.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { declaredToken } from "./declared-token.js";
import { refuseEnvironmentToken } from "./environment-token.js";
import { requireUnlimited } from "./find.js";
import { requireToken } from "./find-token.js";
import { managedByOf } from "./managed-by.js";
import { newSecret } from "./new-secret.js";
import { replacedToken } from "./replaced-token.js";
import { tokenOf } from "./request-token.js";
import { tokenPath } from "./token-path.js";
import { tokenView } from "./token-view.js";

const validate = bodyValidator<TokenBody>("a token", apiBodySchema(TOKEN));

interface ByReference {
  Params: { token: string };
}

/** GET and POST /v1/tokens; GET, PUT and DELETE /v1/tokens/{id or name}. For tokens without scopes only. */
export function tokenRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool, bcryptCost, clock, environmentKey } = services;

  app.get("/v1/tokens", async (request) => {
    requireUnlimited(tokenOf(request));
    // Not from the catalog: last_login changes without being a change of the catalog.
    return (await selectTokens(pool)).filter(({ accountKey }) => !accountKey).map((token) => tokenView(token, clock()));
  });

  app.get<ByReference>("/v1/tokens/:token", async (request) => {
    requireUnlimited(tokenOf(request));
    const { id } = requireToken(catalog, request.params.token);
    // As above.
    return tokenView((await selectToken(pool, id)) ?? requireToken(catalog, id), clock());
  });

  app.post("/v1/tokens", async (request, reply) => {
    requireUnlimited(tokenOf(request));
    const body = validate(request.body ?? {});
    if (body.expires_at !== undefined && body.expires_at !== 0 && body.expires_at * 1000 <= clock()) {
      throw new RelayError("invalid", "expires_at: is in the past. It takes Unix seconds of a time to come, or 0.");
    }
    const fields = replacedToken(body, { apiAccess: true, active: true, name: null, expiresAt: 0 });
    const key = randomUUID();
    const secret = body.own_secret ?? newSecret();
    const managedBy = managedByOf(request) ?? "";
    const hash = await hashSecret(secret, bcryptCost);
    await changes.run([key], async (client) => {
      await insertToken(client, key, hash, { ...fields, managedBy });
      await auditChange(client, request, TOKEN, {
        id: key,
        path: tokenPath({ id: key, ...fields }),
        after: declaredToken({ ...fields, managedBy }),
        secrets: body.own_secret === undefined ? [] : ["own_secret"],
      });
    });
    reply.code(201);
    reply.header("cache-control", "no-store");
    // Who brings a secret has it: it is not sent around once more.
    return { key, secret: body.own_secret === undefined ? secret : "" };
  });

  app.put<ByReference>("/v1/tokens/:token", async (request) => {
    requireUnlimited(tokenOf(request));
    const body = validate(request.body);
    const managedBy = managedByOf(request);
    const { token: reference } = request.params;
    const { id } = requireToken(catalog, reference);
    // bcrypt takes its time: not under the catalog's lock.
    const hash = await changedHash(catalog.token(id), body.own_secret, bcryptCost);
    if (hash !== undefined) refuseEnvironmentToken(id, environmentKey);
    await changes.run([id], async (client) => {
      const token = requireToken(catalog, id);
      // As with names elsewhere: clients that send api_access mean the whole token, and absent scopes mean none.
      const own = body.api_access === undefined ? merged(body, token) : replacedToken(body, token);
      const fields = { ...own, managedBy: managedBy ?? token.managedBy };
      await updateToken(client, id, fields);
      if (hash !== undefined) await rotateSecret(client, id, { secretHash: hash, graceSeconds: 0 });
      await auditChange(client, request, TOKEN, {
        id,
        path: tokenPath(token),
        before: declaredToken(token),
        after: declaredToken(fields),
        secrets: hash === undefined ? [] : ["own_secret"],
      });
    });
    return tokenView((await selectToken(pool, id)) ?? requireToken(catalog, id), clock());
  });

  app.delete<ByReference>("/v1/tokens/:token", async (request) => {
    requireUnlimited(tokenOf(request));
    const { id } = requireToken(catalog, request.params.token);
    await changes.run([id], async (client) => {
      const token = requireToken(catalog, id);
      await deleteToken(client, id);
      await auditChange(client, request, TOKEN, { id, path: tokenPath(token), before: {} });
    });
    return { id, status: "deleted" };
  });
}

/** The hash to write for a secret of the user's own; undefined when there is none, or when it is the present one. */
async function changedHash(
  token: Token | undefined,
  secret: string | undefined,
  bcryptCost: number | undefined,
): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  if (token !== undefined && (await compareSecret(secret, token.secretHash))) return undefined;
  return hashSecret(secret, bcryptCost);
}

function merged(body: TokenBody, token: Token): TokenFields {
  return {
    name: body.name ?? token.name,
    description: body.description ?? token.description,
    active: body.active ?? token.active,
    apiAccess: token.apiAccess,
    scopeBuckets: body.scopes === undefined ? token.scopeBuckets : (body.scopes.buckets ?? []),
    scopeTunnels: body.scopes === undefined ? token.scopeTunnels : (body.scopes.tunnels ?? []),
    expiresAt: body.expires_at ?? token.expiresAt,
  };
}
