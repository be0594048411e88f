import { addressGroup } from "./address-group.js";

/**
 * Password checks that one party (`addressGroup`) may have under way at a time. They take their turns on few threads, in a
 * queue that is bounded for all together: who guesses must not fill it for everybody. More than what is checked within the
 * two seconds that a refused agent waits would gain nothing.
 */
const MAX_CHECKS = 64;

/** Shares the checking of secrets fairly between addresses. */
export class FairChecks {
  readonly #running = new Map<string, Set<string>>();

  /**
   * Runs a check for an address; undefined when that party has enough under way. The same secret again counts once: many
   * agents of one token, that come back together, wait for one check.
   */
  async run<T>(address: string, secret: string, check: () => Promise<T>): Promise<T | undefined> {
    const group = addressGroup(address);
    const running = this.#running.get(group) ?? new Set();
    if (running.has(secret)) return check();
    if (running.size >= MAX_CHECKS) return undefined;
    running.add(secret);
    this.#running.set(group, running);
    try {
      return await check();
    } finally {
      running.delete(secret);
      if (running.size === 0) this.#running.delete(group);
    }
  }
}
