import type { FastifyReply, FastifyRequest } from "fastify";
import { ACCOUNT_KEY_NAME, looksLikeAccountKey } from "../auth/account-key.js";
import { type Credentials, parseCredentials } from "../auth/basic-credentials.js";
import { networkOf } from "../auth/network-of.js";
import { type Identity, opensAnything, secretStanding } from "../auth/token-standing.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import type { AdminContext } from "./admin-context.js";

/** Name of the request decorator that holds whose request it is. */
export const TOKEN_DECORATOR = "relayToken";

/** What a token without API access may still do: agents report results and ask for the version. */
const FOR_AGENTS = new Set(["PUT /v1/logs/:id", "GET /v1/version"]);

/** Reports of agents come at the rate of webhooks: no limit of the management API may slow them down. */
const UNLIMITED = "PUT /v1/logs/:id";

/** The token of a request that has passed `requestAuthenticator`. */
export function tokenOf(request: FastifyRequest): Token {
  return identityOf(request).token;
}

/** The same with the secret that was shown. */
export function identityOf(request: FastifyRequest): Identity {
  return request.getDecorator<Identity>(TOKEN_DECORATOR);
}

/**
 * Authenticates requests by `Authorization: Basic key:secret`, or `Bearer sk-...` with the account's API key, before their
 * bodies are read.
 *
 * Guessing is slowed down per address and key, and per address. Credentials that were right a moment ago pass regardless,
 * so an attacker behind the same NAT does not lock out who is at work.
 */
export function requestAuthenticator(
  context: AdminContext,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { authenticator, catalog, clock } = context;
  const { guesses, perToken } = context.limits;

  async function identify(request: FastifyRequest): Promise<Identity> {
    const { username, password } = basicOf(parseCredentials(request.headers.authorization));
    const cached = authenticator.authenticateCached(username, password);
    if (cached !== undefined) return cached;
    const wait = guesses.waitSeconds(request.ip, username, clock());
    if (wait > 0) {
      throw new RelayError("rate-limited", `Too many wrong credentials from your address. Try again in ${wait} s.`, {
        retryAfterSeconds: wait,
      });
    }
    const result = await authenticator.authenticate(username, password, networkOf(request.ip));
    if (result.kind === "ok") return result;
    if (result.kind === "busy") {
      throw new RelayError("unavailable", "The server is checking many credentials. Try again in a moment.", {
        retryAfterSeconds: 1,
      });
    }
    guesses.count(request.ip, username, clock());
    throw new RelayError("unauthorized", "Unauthorized");
  }

  return async (request) => {
    const { token: identified, secretHash } = await identify(request);
    // Another server may have changed the catalog a moment ago: who wrote there must read it here.
    await catalog.refresh();
    const token = catalog.token(identified.id);
    if (!opensAnything(token, clock()) || secretStanding(token, secretHash, clock()) === undefined) {
      throw new RelayError("unauthorized", "Unauthorized");
    }
    const route = `${request.method} ${request.routeOptions.url}`;
    if (!token.apiAccess && !FOR_AGENTS.has(route)) {
      throw new RelayError(
        "forbidden",
        "This token is for agents only: its api_access is disabled. Use a token with api_access enabled.",
      );
    }
    if (route !== UNLIMITED) {
      const wait = perToken.waitSeconds(token.id, clock());
      if (wait > 0) {
        throw new RelayError("rate-limited", `This token has used up its requests. Try again in ${wait} s.`, {
          retryAfterSeconds: wait,
        });
      }
      perToken.take(token.id, clock());
    }
    request.setDecorator<Identity>(TOKEN_DECORATOR, { token, secretHash });
  };
}

/** Key and secret, in whichever way they were sent. Throws 401 for anything else. */
function basicOf(credentials: Credentials): { readonly username: string; readonly password: string } {
  if (credentials.kind === "basic") return credentials;
  if (credentials.kind === "bearer" && looksLikeAccountKey(credentials.token)) {
    return { username: ACCOUNT_KEY_NAME, password: credentials.token };
  }
  throw new RelayError("unauthorized", "Unauthorized");
}
