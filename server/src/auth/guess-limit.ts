import { BoundedCache } from "./bounded-cache.js";
import { KeyedRateLimit } from "./keyed-rate-limit.js";
import { networkOf } from "./network-of.js";

const KNOWN_SIZE = 10_000;
const KNOWN_TTL_MS = 24 * 3_600_000;

/**
 * Slows the guessing of secrets down, in bounded memory: per address and subject (a token key, a bucket) 10 wrong ones and
 * then one in 10 s, per address 100 and then one a second. Addresses count by their network. Times in Unix milliseconds.
 */
export class GuessLimit {
  readonly #perSubject = new KeyedRateLimit({ burst: 10, perSecond: 0.1 });
  readonly #perAddress = new KeyedRateLimit({ burst: 100, perSecond: 1 });
  readonly #known = new BoundedCache<true>(KNOWN_SIZE, KNOWN_TTL_MS, { sliding: true });

  /** 0 when this address may try a secret of the subject now, else the seconds until it may. */
  waitSeconds(address: string, subject: string, now: number): number {
    const network = networkOf(address);
    return Math.max(
      this.#perAddress.waitSeconds(network, now),
      this.#perSubject.waitSeconds(both(network, subject), now),
    );
  }

  /** A wrong secret; or one that is about to be checked, so that many at once are not all the first. */
  count(address: string, subject: string, now: number): void {
    const network = networkOf(address);
    this.#perAddress.take(network, now);
    this.#perSubject.take(both(network, subject), now);
  }

  /** What was counted was not wrong. */
  pardon(address: string, subject: string, now: number): void {
    const network = networkOf(address);
    this.#perAddress.giveBack(network, now);
    this.#perSubject.giveBack(both(network, subject), now);
  }

  /**
   * Whether a secret that is known to be right may pass. An address that was right before may, whoever guesses behind it.
   * Another one must not while it has to wait, or it would find the right secret among as many as it can send.
   */
  mayPass(address: string, subject: string, now: number): boolean {
    const key = both(networkOf(address), subject);
    if (this.#known.get(key, now) === true) return true;
    if (this.waitSeconds(address, subject, now) > 0) return false;
    this.#known.set(key, true, now);
    return true;
  }
}

/** Subjects may be what strangers write: cut, so that memory stays bounded. */
function both(network: string, subject: string): string {
  return `${network} ${subject.slice(0, 64)}`;
}
