import type pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Token } from "../catalog/model.js";
import { touchToken } from "../store/tokens.js";
import type { SecretVerifier } from "./secret-verifier.js";
import { opensAnything } from "./token-standing.js";

export type Authentication =
  | { readonly kind: "ok"; readonly token: Token }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "busy" };

export interface TokenAuthenticatorOptions {
  readonly catalog: Catalog;
  readonly verifier: SecretVerifier;
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

const TOUCH_EVERY_MS = 60_000;
const MAX_TOUCHED = 10_000;

/** Says whose token a key and a secret are. Unknown, inactive, expired and wrong look and cost alike. */
export class TokenAuthenticator {
  readonly #options: TokenAuthenticatorOptions;
  readonly #touched = new Map<string, number>();

  constructor(options: TokenAuthenticatorOptions) {
    this.#options = options;
  }

  /** The token when this very secret was verified lately, else undefined: costs no bcrypt. */
  authenticateCached(key: string, secret: string): Token | undefined {
    const token = this.#activeToken(key);
    if (token === undefined) return undefined;
    const ok = this.#options.verifier.verifyCached({ subject: key, secret, hash: token.secretHash });
    if (ok !== true) return undefined;
    this.#touch(token);
    return token;
  }

  /** `group`: with whom the check takes turns when it must wait. Never rejects for a reason a stranger could cause. */
  async authenticate(key: string, secret: string, group = ""): Promise<Authentication> {
    const cached = this.authenticateCached(key, secret);
    if (cached !== undefined) return { kind: "ok", token: cached };
    const { catalog, verifier } = this.#options;
    // Known or not, look once whether another server has made or changed the token; concurrent look-ups share one.
    if (!catalog.failing) await catalog.refresh().catch(() => undefined);
    const hash = this.#activeToken(key)?.secretHash;
    const verdict = await verifier.verify({ subject: key, secret, hash }, group);
    if (verdict === "busy") return { kind: "busy" };
    // The token may have been deleted, stopped or rotated while bcrypt ran.
    const token = this.#activeToken(key);
    if (verdict === "wrong" || token === undefined || token.secretHash !== hash) return { kind: "unauthorized" };
    this.#touch(token);
    return { kind: "ok", token };
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #activeToken(key: string): Token | undefined {
    const token = this.#options.catalog.token(key);
    return opensAnything(token, this.#now()) ? token : undefined;
  }

  /** Lazily notes the use of a token: losing the note costs nothing, so nobody waits for it. */
  #touch(token: Token): void {
    const now = this.#now();
    const last = this.#touched.get(token.id);
    if (last !== undefined && now - last < TOUCH_EVERY_MS) return;
    if (this.#touched.size >= MAX_TOUCHED) this.#touched.clear();
    this.#touched.set(token.id, now);
    touchToken(this.#options.pool, token.id).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, "token.touch-failed");
    });
  }
}
