import { createHash } from "node:crypto";
import { readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The resumption ticket of the last Welcome: in memory, and on disk (mode 600) for the next start. */
export interface TicketStore {
  /** The ticket to send, empty when there is none that still counts. */
  current(): Uint8Array;
  save(ticket: Uint8Array, ttlSeconds: number): void;
  forget(): void;
}

interface StoredTicket {
  readonly token: string;
  readonly ticket: string;
  readonly expiresAtMs: number;
}

export interface TicketStoreOptions {
  /** Null keeps the ticket in memory only. */
  readonly directory: string | null;
  readonly tokenKey: string;
  readonly tokenSecret: string;
  /** Unix milliseconds. */
  now(): number;
}

const NONE = new Uint8Array(0);

/** A ticket proves one token: one of another key, or of a secret that was replaced, is not used. */
export function openTicketStore(options: TicketStoreOptions): TicketStore {
  const path = options.directory === null ? null : join(options.directory, "ticket");
  const token = fingerprint(options.tokenKey, options.tokenSecret);
  let held = path === null ? null : load(path, token);
  return {
    current() {
      if (held === null || held.expiresAtMs <= options.now()) return NONE;
      return Buffer.from(held.ticket, "base64");
    },
    save(ticket, ttlSeconds) {
      if (ticket.length === 0) return;
      const encoded = Buffer.from(ticket).toString("base64");
      held = { token, ticket: encoded, expiresAtMs: options.now() + ttlSeconds * 1000 };
      if (path === null) return;
      try {
        // Written aside and renamed: a reader sees the old ticket or the new one.
        writeFileSync(`${path}.new`, JSON.stringify(held), { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch {
        // Without the file the next start sends the secret.
      }
    },
    forget() {
      held = null;
      if (path === null) return;
      try {
        unlinkSync(path);
      } catch {
        // Gone already.
      }
    },
  };
}

/** The secret itself never rests in the state directory; 8 bytes tell two secrets apart and say nothing about a random one. */
function fingerprint(key: string, secret: string): string {
  return createHash("sha256").update(`${key}:${secret}`).digest("hex").slice(0, 16);
}

function load(path: string, token: string): StoredTicket | null {
  try {
    const stored = JSON.parse(readFileSync(path, "utf8")) as Partial<StoredTicket>;
    if (stored.token !== token || typeof stored.ticket !== "string" || typeof stored.expiresAtMs !== "number")
      return null;
    return { token, ticket: stored.ticket, expiresAtMs: stored.expiresAtMs };
  } catch {
    return null;
  }
}
