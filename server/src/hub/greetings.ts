import type { Socket } from "node:net";
import type { Logger } from "pino";
import { addressGroup } from "./address-group.js";

/**
 * Anybody can connect to the agent ports. From the first byte until it has proven a token, a connection is a greeting: it
 * may say one Hello, soon and small, and all greetings together have a bound of their own, so that strangers take neither
 * the places of agents nor memory.
 *
 * When every place is taken, the party (`addressGroup`) with most greetings gives one up for a party with fewer: whoever
 * floods competes with itself. Among equals the newcomer waits outside, unless one of the largest parties has a connection
 * that has been silent for a while: an agent says Hello as soon as it can.
 */

/** How long a connection may be silent, from its first packet on: TLS, HTTP/2 and the Hello. */
const SILENCE_MS = 10_000;

/** How long a silent connection keeps its place against a newcomer of a party no larger than its own. */
const TURN_MS = 3_000;

/**
 * What a stranger may send in all: the largest Hello twice over, for TLS and HTTP/2 around it. Half a frame costs more than
 * twice its size while it waits for its end, the connection itself some 70 KiB (Node 20, gRPC over TLS, November 2026).
 */
const MAX_STRANGER_BYTES = 32 * 1024;

/** A flood is told once in a while, not per connection. */
const LOG_EVERY_MS = 60_000;

/** One connection on its way to become an agent's. Its end gives the place back by itself. */
export interface Greeting {
  /** It sent a first whole frame: from now on whoever checks it looks after its time. */
  spoke(): void;
  /** It proved a token: a stranger's limits are over. */
  admitted(): void;
}

export interface GreetingsOptions {
  /** Most greetings at a time. */
  readonly max: number;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Entry {
  readonly socket: Socket;
  readonly group: string;
  readonly sinceMs: number;
  /** `bytesRead` at the start: a connection may have served other requests before. */
  readonly bytesBefore: number;
  silent: boolean;
}

/** The connections that nobody has vouched for yet, on all agent ports of this server. */
export class Greetings {
  readonly #options: GreetingsOptions;
  /** In order of arrival. */
  readonly #entries = new Set<Entry>();
  readonly #sizes = new Map<string, number>();
  #turnedAway = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GreetingsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Counts a connection that has just been opened by `address`; undefined when there is no place: close it at once. */
  enter(socket: Socket, address: string): Greeting | undefined {
    const group = addressGroup(address);
    if (this.#entries.size >= this.#options.max && !this.#makeRoom(group)) return undefined;
    const entry: Entry = {
      socket,
      group,
      sinceMs: this.#options.now(),
      bytesBefore: socket.bytesRead,
      silent: true,
    };
    this.#entries.add(entry);
    this.#sizes.set(group, this.#sizeOf(group) + 1);
    const leave = () => this.#leave(entry);
    socket.once("close", leave);
    return {
      spoke: () => {
        entry.silent = false;
      },
      admitted: () => {
        socket.off("close", leave);
        leave();
      },
    };
  }

  /** Cuts connections that are silent for too long or send too much. Call several times a second: what is sent between two calls is memory. */
  tick(): void {
    const now = this.#options.now();
    for (const { socket, sinceMs, bytesBefore, silent } of this.#entries) {
      const late = silent && now - sinceMs > SILENCE_MS;
      if (late || socket.bytesRead - bytesBefore > MAX_STRANGER_BYTES) socket.destroy();
    }
  }

  /** Takes a place away for a newcomer of this group; false when the newcomer has the weaker claim. */
  #makeRoom(group: string): boolean {
    this.#tellOfFlood();
    const withNewcomer = this.#sizeOf(group) + 1;
    let largest = withNewcomer;
    for (const size of this.#sizes.values()) largest = Math.max(largest, size);
    const patienceMs = largest > withNewcomer ? 0 : TURN_MS;
    const victim = this.#victim(group, largest, patienceMs);
    if (victim === undefined) return false;
    this.#leave(victim);
    victim.socket.destroy();
    return true;
  }

  /** The longest silent one of the largest groups; with no patience also one that spoke, should all have spoken. */
  #victim(newcomer: string, largest: number, patienceMs: number): Entry | undefined {
    const now = this.#options.now();
    let spoke: Entry | undefined;
    for (const entry of this.#entries) {
      const size = this.#sizeOf(entry.group) + (entry.group === newcomer ? 1 : 0);
      if (size < largest) continue;
      if (!entry.silent) {
        spoke ??= entry;
        continue;
      }
      if (now - entry.sinceMs >= patienceMs) return entry;
      // Those behind it came later.
      break;
    }
    return patienceMs === 0 ? spoke : undefined;
  }

  #leave(entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    const size = this.#sizeOf(entry.group) - 1;
    if (size > 0) this.#sizes.set(entry.group, size);
    else this.#sizes.delete(entry.group);
  }

  #sizeOf(group: string): number {
    return this.#sizes.get(group) ?? 0;
  }

  #tellOfFlood(): void {
    this.#turnedAway += 1;
    const now = this.#options.now();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    const [group, size] = [...this.#sizes].reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
    this.#options.logger.warn(
      { turnedAway: this.#turnedAway, max: this.#options.max, largest: group, of: size },
      "greetings.crowded",
    );
  }
}
