import { createHmac, randomBytes } from "node:crypto";
import { secretProblem } from "@relay/provider-schema";
import { BoundedCache } from "./bounded-cache.js";
import { FairQueue } from "./fair-queue.js";
import { compareSecret, DEFAULT_BCRYPT_COST, hashSecret } from "./secret-hash.js";

export interface Credential {
  /** Whose secret it is: a token key, a bucket id with its user name. */
  readonly subject: string;
  readonly secret: string;
  /** The bcrypt hash of the right secret; undefined when the subject is unknown, which must not show. */
  readonly hash: string | undefined;
  /** It is the secret before that is asked for: without one it costs a check of its own, as with one. */
  readonly before?: boolean;
}

export type Verdict = "ok" | "wrong" | "busy";

export interface SecretVerifierOptions {
  /** bcrypt cost of the stored hashes, so that an unknown subject costs the same. */
  readonly cost?: number;
  /** Checks that run at a time. Each occupies a thread of libuv's pool of 4, which files and name look-ups share. */
  readonly running?: number;
  /** Checks of one group that may wait. */
  readonly queuedPerGroup?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
  readonly compare?: (secret: string, hash: string) => Promise<boolean>;
}

const DEFAULT_RUNNING = 2;
const MAX_QUEUED = 256;

const OK_CACHE_SIZE = 10_000;
const OK_TTL_MS = 600_000;
const WRONG_CACHE_SIZE = 10_000;
const WRONG_TTL_MS = 5_000;

/**
 * Checks secrets against bcrypt hashes without blocking the event loop. A few checks run at a time and 256 wait; beyond that
 * the answer is "busy", so a reconnect storm or a guessing flood costs a bounded share of the CPU. Each door (inputs, API,
 * agents) has a verifier of its own, so that a flood at one delays nobody at another; within one, groups take turns.
 *
 * Verdicts are remembered under an HMAC of subject, hash and secret with a key of this process, so memory holds no secret
 * and no fast hash that could be guessed offline; a changed hash is another entry, which makes revocation immediate. The
 * look-up leaks nothing by its time: an attacker cannot choose two inputs whose HMACs are close.
 */
export class SecretVerifier {
  readonly #key = randomBytes(32);
  // Sliding: who is at work needs no second check, which a flood of guesses could delay or refuse.
  readonly #ok = new BoundedCache<true>(OK_CACHE_SIZE, OK_TTL_MS, { sliding: true });
  readonly #wrong = new BoundedCache<true>(WRONG_CACHE_SIZE, WRONG_TTL_MS);
  readonly #checking = new Map<string, Promise<Verdict>>();
  readonly #waiting: FairQueue<() => void>;
  readonly #maxRunning: number;
  readonly #now: () => number;
  readonly #compare: (secret: string, hash: string) => Promise<boolean>;
  readonly #dummyHash: Promise<string>;
  #running = 0;

  constructor({
    cost = DEFAULT_BCRYPT_COST,
    running = DEFAULT_RUNNING,
    queuedPerGroup = MAX_QUEUED,
    now = Date.now,
    compare = compareSecret,
  }: SecretVerifierOptions = {}) {
    this.#maxRunning = running;
    this.#waiting = new FairQueue({ max: MAX_QUEUED, maxPerGroup: queuedPerGroup });
    this.#now = now;
    this.#compare = compare;
    this.#dummyHash = hashSecret(randomBytes(32).toString("base64url"), cost);
    // Reported by the first check that needs it.
    this.#dummyHash.catch(() => undefined);
  }

  /** True or false when the answer is remembered, undefined when `verify` has to find out. For hot paths. */
  verifyCached(credential: Credential): boolean | undefined {
    return this.#remembered(this.#cacheKey(credential));
  }

  /** True when this very credential is being checked: `verify` will share that check's verdict. */
  isChecking(credential: Credential): boolean {
    return this.#checking.has(this.#cacheKey(credential));
  }

  /** `group`: with whom it takes turns when it must wait. Rejects only when bcrypt itself fails, as on a hash that is none. */
  async verify(credential: Credential, group = ""): Promise<Verdict> {
    // bcrypt would compare the first 72 bytes alone. No stored secret is longer, so this tells nothing about the subject.
    if (secretProblem(credential.secret) !== undefined) return "wrong";
    const key = this.#cacheKey(credential);
    const known = this.#remembered(key);
    if (known !== undefined) return known ? "ok" : "wrong";
    const running = this.#checking.get(key);
    if (running !== undefined) return running;
    if (this.#running >= this.#maxRunning && !this.#waiting.hasRoom(group)) return "busy";
    const checking = this.#check(key, credential, group).finally(() => this.#checking.delete(key));
    this.#checking.set(key, checking);
    return checking;
  }

  /** Notes a secret whose hash was just made of it: checking it now would only cost time. */
  remember(credential: Credential): void {
    this.#ok.set(this.#cacheKey(credential), true, this.#now());
  }

  async #check(key: string, { secret, hash }: Credential, group: string): Promise<Verdict> {
    if (this.#running >= this.#maxRunning) await new Promise<void>((resolve) => this.#waiting.push(group, resolve));
    else this.#running += 1;
    try {
      const equal = await this.#compare(secret, hash ?? (await this.#dummyHash));
      const ok = equal && hash !== undefined;
      (ok ? this.#ok : this.#wrong).set(key, true, this.#now());
      return ok ? "ok" : "wrong";
    } finally {
      // Hand the place over, so that a newcomer cannot slip in before who waited.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #remembered(key: string): boolean | undefined {
    const now = this.#now();
    if (this.#ok.get(key, now)) return true;
    if (this.#wrong.get(key, now)) return false;
    return undefined;
  }

  #cacheKey({ subject, secret, hash, before = false }: Credential): string {
    // Lengths first: no two different triples give the same bytes. A hash is what it is, present or before.
    return createHmac("sha256", this.#key)
      .update(`${subject.length} ${hash?.length ?? (before ? -2 : -1)}\n${subject}${hash ?? ""}${secret}`)
      .digest("base64");
  }
}
