import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Token } from "../catalog/model.js";
import type { Queryable } from "../store/queryable.js";
import { touchToken } from "../store/tokens.js";
import type { SecretVerifier } from "./secret-verifier.js";
import { type Identity, opensAnything, secretStanding, validOldSecret } from "./token-standing.js";

export type Authentication =
  | ({ readonly kind: "ok" } & Identity)
  | { readonly kind: "unauthorized" }
  | { readonly kind: "busy" };

export interface TokenAuthenticatorOptions {
  readonly catalog: Pick<Catalog, "token" | "refresh" | "failing">;
  readonly verifier: SecretVerifier;
  readonly pool: Queryable;
  readonly logger: Logger;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

const TOUCH_EVERY_MS = 60_000;
const MAX_TOUCHED = 10_000;

/**
 * Says whose token a key and a secret are. Unknown, inactive, expired and wrong look and cost alike: two checks each, for
 * the present secret and for the one before, whether there is one or not.
 */
export class TokenAuthenticator {
  readonly #options: TokenAuthenticatorOptions;
  readonly #touched = new Map<string, number>();

  constructor(options: TokenAuthenticatorOptions) {
    this.#options = options;
  }

  /** The token when this very secret was verified lately, else undefined: costs no bcrypt. */
  authenticateCached(key: string, secret: string): Identity | undefined {
    const token = this.#activeToken(key);
    if (token === undefined) return undefined;
    const hash = [token.secretHash, validOldSecret(token, this.#now())?.hash].find(
      (each) =>
        each !== undefined && this.#options.verifier.verifyCached({ subject: key, secret, hash: each }) === true,
    );
    if (hash === undefined) return undefined;
    const identity = { token, secretHash: hash };
    this.noteUse(identity);
    return identity;
  }

  /** `group`: with whom the check takes turns when it must wait. Never rejects for a reason a stranger could cause. */
  async authenticate(key: string, secret: string, group = ""): Promise<Authentication> {
    const cached = this.authenticateCached(key, secret);
    if (cached !== undefined) return { kind: "ok", ...cached };
    const { catalog, verifier } = this.#options;
    // Known or not, look once whether another server has made or changed the token; concurrent look-ups share one.
    if (!catalog.failing) await catalog.refresh().catch(() => undefined);
    const known = this.#activeToken(key);
    let hash = known?.secretHash;
    let verdict = await verifier.verify({ subject: key, secret, hash }, group);
    if (verdict === "wrong") {
      hash = known === undefined ? undefined : validOldSecret(known, this.#now())?.hash;
      verdict = await verifier.verify({ subject: key, secret, hash, before: true }, group);
    }
    if (verdict === "busy") return { kind: "busy" };
    // The token may have been deleted, stopped or rotated while bcrypt ran.
    const token = this.#activeToken(key);
    if (verdict === "wrong" || hash === undefined || token === undefined) return { kind: "unauthorized" };
    if (secretStanding(token, hash, this.#now()) === undefined) return { kind: "unauthorized" };
    const identity = { token, secretHash: hash };
    this.noteUse(identity);
    return { kind: "ok", ...identity };
  }

  /** Lazily notes the use of a secret: losing the note costs nothing, so nobody waits for it. */
  noteUse({ token, secretHash }: Identity): void {
    const now = this.#now();
    const key = `${token.id} ${secretHash}`;
    const last = this.#touched.get(key);
    if (last !== undefined && now - last < TOUCH_EVERY_MS) return;
    if (this.#touched.size >= MAX_TOUCHED) this.#touched.clear();
    this.#touched.set(key, now);
    touchToken(this.#options.pool, token.id, secretHash).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, "token.touch-failed");
    });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #activeToken(key: string): Token | undefined {
    const token = this.#options.catalog.token(key);
    return opensAnything(token, this.#now()) ? token : undefined;
  }
}
