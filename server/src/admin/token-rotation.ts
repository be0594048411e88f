import type { FastifyInstance } from "fastify";
import { compareSecret, hashSecret } from "../auth/secret-hash.js";
import { isLimited } from "../auth/token-scope.js";
import { secretStanding, validOldSecret } from "../auth/token-standing.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { rotateSecret, selectToken } from "../store/tokens.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { refuseEnvironmentToken } from "./environment-token.js";
import { requireUnlimited } from "./find.js";
import { requireToken } from "./find-token.js";
import { newSecret } from "./new-secret.js";
import { recordAudit } from "./record-audit.js";
import { identityOf } from "./request-token.js";
import { ROTATE_SCHEMA, type RotateBody } from "./schemas/rotate.js";
import { tokenPath } from "./token-path.js";

const validate = bodyValidator<RotateBody>("a rotation", ROTATE_SCHEMA);

const DEFAULT_GRACE_SECONDS = 3_600;

/**
 * POST /v1/tokens/{id or name}/rotate: a new secret, valid at once, while the one before stays good for `grace_seconds`.
 * For tokens without scopes, and for every token on itself.
 */
export function tokenRotationRoute(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, bcryptCost, clock, logger, environmentKey } = services;

  app.post<{ Params: { token: string } }>("/v1/tokens/:token/rotate", async (request, reply) => {
    const identity = identityOf(request);
    const { token: reference } = request.params;
    const itself = catalog.tokenByName(reference)?.id === identity.token.id || reference === identity.token.id;
    // Before the look-up: a limited token must not find out which others exist.
    if (!itself) requireUnlimited(identity.token);
    const { id, secretHash: present } = requireToken(catalog, reference);
    const body = validate(request.body ?? {});
    const { grace_seconds: graceSeconds = DEFAULT_GRACE_SECONDS, own_secret: own } = body;
    refuseEnvironmentToken(id, environmentKey);
    const secret = own ?? newSecret();
    reply.header("cache-control", "no-store");
    // The same request again, whose answer was lost: the rotation is done.
    if (own !== undefined && (await compareSecret(own, present))) return { key: id, secret: "" };
    const secretHash = await hashSecret(secret, bcryptCost);
    await changes.run([id], async (client) => {
      // Not from the catalog: the use of a secret is no change of it.
      const token = (await selectToken(client, id)) ?? requireToken(catalog, id);
      const now = clock();
      const byItself = itself && isLimited(identity.token);
      const standing = secretStanding(token, identity.secretHash, now);
      const withOld = byItself && standing !== "current";
      if (withOld && !(standing === "old" && lostByItself(token))) throw replacedSecret();
      if (body.again === true) requireLost(token, now);
      await rotateSecret(client, id, { secretHash, graceSeconds, byItself, again: withOld || body.again === true });
      await recordAudit(client, request, {
        action: "rotate",
        resource: "token",
        objectId: id,
        path: tokenPath(token),
        diff: [{ path: "secret", secret: true }],
      });
    });
    logger.info({ token: id, graceSeconds, by: identity.token.id }, "token.rotated");
    return { key: id, secret: own === undefined ? secret : "" };
  });
}

/**
 * A limited token may rotate itself: it wins no right by it. But who holds only the secret before must not turn its grace
 * into a secret for ever. There is one exception: the token itself made the present secret, and nobody has used that yet. So
 * it was lost on its way, and whoever has the secret before could have asked for it just as well.
 */
function lostByItself(token: Token): boolean {
  return token.secretByItself && token.secretUsedAt === null;
}

function replacedSecret(): RelayError {
  return new RelayError(
    "forbidden",
    "This token has a newer secret than the one you sent. Rotate it with that, or let a token without scopes do it.",
  );
}

/** Throws 412 unless the present secret is one that nobody has used, with one before it that is still good. */
function requireLost(token: Token, now: number): void {
  if (validOldSecret(token, now) === undefined) {
    throw new RelayError("precondition", "again: there is no rotation whose grace runs. Rotate without it.");
  }
  if (token.secretUsedAt !== null) {
    throw new RelayError(
      "precondition",
      "again: the new secret has been used, so it was not lost. Rotate without it, which ends the one before.",
    );
  }
}
