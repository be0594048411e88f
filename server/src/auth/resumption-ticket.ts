import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Token } from "../catalog/model.js";
import { idBytes, idText } from "../ids.js";
import { type Identity, opensAnything, validOldSecret } from "./token-standing.js";

/**
 * A ticket lets an agent come back without a bcrypt check: 1,000 agents reconnecting to a restarted server cost
 * milliseconds. It is bound to the secret that its session was opened with and is good as long as that one is: the end of
 * a rotation's grace voids it, and so does a stopped, expired or deleted token.
 *
 * Layout: format (1 byte), token id (16), fingerprint of the secret's hash (16), expiry in Unix milliseconds (6),
 * HMAC-SHA256 over all that (32).
 */
export interface ResumptionTicketsOptions {
  /** 32 bytes that all servers of one installation share and a restart keeps. */
  readonly signingKey: Buffer;
  readonly tokens: { token(id: string): Token | undefined };
}

/** How long a ticket is good, in seconds. */
export const TICKET_TTL_SECONDS = 3_600;

const FORMAT = 1;
const BODY_BYTES = 1 + 16 + 16 + 6;
const TICKET_BYTES = BODY_BYTES + 32;

export class ResumptionTickets {
  readonly #options: ResumptionTicketsOptions;

  constructor(options: ResumptionTicketsOptions) {
    if (options.signingKey.length < 32) throw new RangeError("resumption tickets: the signing key needs 32 bytes");
    this.#options = options;
  }

  /** `now` in Unix milliseconds. */
  issueTicket({ token, secretHash }: Identity, now: number): Buffer {
    const body = Buffer.alloc(BODY_BYTES);
    body[0] = FORMAT;
    idBytes(token.id).copy(body, 1);
    fingerprint(secretHash).copy(body, 17);
    body.writeUIntBE(now + TICKET_TTL_SECONDS * 1000, 33, 6);
    return Buffer.concat([body, this.#sign(body)]);
  }

  /** Whom a ticket proves; undefined when it is forged, expired, or of a secret that is no longer good. */
  readTicket(ticket: Uint8Array, now: number): Identity | undefined {
    if (ticket.length !== TICKET_BYTES) return undefined;
    const bytes = Buffer.from(ticket.buffer, ticket.byteOffset, ticket.byteLength);
    const body = bytes.subarray(0, BODY_BYTES);
    if (!timingSafeEqual(this.#sign(body), bytes.subarray(BODY_BYTES))) return undefined;
    if (body[0] !== FORMAT || body.readUIntBE(33, 6) <= now) return undefined;
    const token = this.#options.tokens.token(idText(body.subarray(1, 17)));
    if (!opensAnything(token, now)) return undefined;
    const hashes = [token.secretHash, validOldSecret(token, now)?.hash ?? ""];
    const secretHash = hashes.find((hash) => timingSafeEqual(fingerprint(hash), body.subarray(17, 33)));
    return secretHash === undefined || secretHash === "" ? undefined : { token, secretHash };
  }

  #sign(body: Uint8Array): Buffer {
    return createHmac("sha256", this.#options.signingKey).update("relay resumption ticket\n").update(body).digest();
  }
}

function fingerprint(secretHash: string): Buffer {
  return createHash("sha256").update(secretHash).digest().subarray(0, 16);
}
