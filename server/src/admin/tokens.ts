import { randomBytes, randomUUID } from "node:crypto";
import { apiBodySchema, TOKEN, type TokenBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import { hashSecret } from "../auth/secret-hash.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { deleteToken, insertToken, selectTokens, type TokenFields, updateToken } from "../store/tokens.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { quoted, requireUnlimited } from "./find.js";
import { tokenOf } from "./request-token.js";

const validate = bodyValidator<TokenBody>("a token", apiBodySchema(TOKEN));

/** 43 characters of base64url: below the 72 bytes that bcrypt reads. */
const SECRET_BYTES = 32;

/** GET and POST /v1/tokens; PUT and DELETE /v1/tokens/{id}. For tokens without scopes only. */
export function tokenRoutes(app: FastifyInstance, { catalog, changes, pool, bcryptCost }: AdminServices): void {
  app.get("/v1/tokens", async (request) => {
    requireUnlimited(tokenOf(request));
    // Not from the catalog: last_login changes without being a change of the catalog.
    return (await selectTokens(pool)).filter(({ accountKey }) => !accountKey).map(tokenView);
  });

  app.post("/v1/tokens", async (request, reply) => {
    requireUnlimited(tokenOf(request));
    const fields = replaced(validate(request.body ?? {}), { apiAccess: true, active: true });
    const key = randomUUID();
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const hash = await hashSecret(secret, bcryptCost);
    await changes.run([key], (client) => insertToken(client, key, hash, fields));
    reply.code(201);
    reply.header("cache-control", "no-store");
    return { key, secret };
  });

  app.put<{ Params: { id: string } }>("/v1/tokens/:id", async (request) => {
    requireUnlimited(tokenOf(request));
    const body = validate(request.body);
    const { id } = request.params;
    await changes.run([id], async (client) => {
      const token = requireToken(catalog.token(id), id);
      // As with names elsewhere: clients that send api_access mean the whole token, and absent scopes mean none.
      await updateToken(client, id, body.api_access === undefined ? merged(body, token) : replaced(body, token));
    });
    return tokenView(requireToken(catalog.token(id), id));
  });

  app.delete<{ Params: { id: string } }>("/v1/tokens/:id", async (request) => {
    requireUnlimited(tokenOf(request));
    const { id } = request.params;
    await changes.run([id], async (client) => {
      requireToken(catalog.token(id), id);
      await deleteToken(client, id);
    });
    return { id, status: "deleted" };
  });
}

/** A token as the API shows it: never its secret. Times are integers, `last_login` is a text as in the classic API. */
function tokenView(token: Token): object {
  return {
    id: token.id,
    description: token.description,
    active: token.active,
    api_access: token.apiAccess ? "enabled" : "disabled",
    scopes: { buckets: token.scopeBuckets, tunnels: token.scopeTunnels },
    last_login: token.lastLoginAt === null ? "" : new Date(token.lastLoginAt * 1000).toISOString(),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  };
}

function requireToken(token: Token | undefined, id: string): Token {
  // The account's API key has routes of its own: here it could be given scopes, or a second name.
  if (token === undefined || token.accountKey) throw new RelayError("not-found", `There is no token ${quoted(id)}.`);
  return token;
}

function replaced(body: TokenBody, before: Pick<Token, "apiAccess" | "active">): TokenFields {
  return {
    description: body.description ?? "",
    active: body.active ?? before.active,
    apiAccess: body.api_access === undefined ? before.apiAccess : body.api_access === "enabled",
    scopeBuckets: body.scopes?.buckets ?? [],
    scopeTunnels: body.scopes?.tunnels ?? [],
  };
}

function merged(body: TokenBody, token: Token): TokenFields {
  return {
    description: body.description ?? token.description,
    active: body.active ?? token.active,
    apiAccess: token.apiAccess,
    scopeBuckets: body.scopes === undefined ? token.scopeBuckets : (body.scopes.buckets ?? []),
    scopeTunnels: body.scopes === undefined ? token.scopeTunnels : (body.scopes.tunnels ?? []),
  };
}
