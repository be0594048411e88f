import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Token } from "../catalog/model.js";
import { idBytes, idText } from "../ids.js";
import { opensAnything } from "./token-standing.js";

/**
 * A ticket lets an agent come back without a bcrypt check: 1,000 agents reconnecting to a restarted server cost
 * milliseconds. It is bound to the token's present secret, so a rotated, stopped, expired or deleted token voids it.
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
  issueTicket(token: Token, now: number): Buffer {
    const body = Buffer.alloc(BODY_BYTES);
    body[0] = FORMAT;
    idBytes(token.id).copy(body, 1);
    fingerprint(token).copy(body, 17);
    body.writeUIntBE(now + TICKET_TTL_SECONDS * 1000, 33, 6);
    return Buffer.concat([body, this.#sign(body)]);
  }

  /** The token a ticket proves; undefined when it is forged, expired, or no longer of the token's present secret. */
  readTicket(ticket: Uint8Array, now: number): Token | undefined {
    if (ticket.length !== TICKET_BYTES) return undefined;
    const bytes = Buffer.from(ticket.buffer, ticket.byteOffset, ticket.byteLength);
    const body = bytes.subarray(0, BODY_BYTES);
    if (!timingSafeEqual(this.#sign(body), bytes.subarray(BODY_BYTES))) return undefined;
    if (body[0] !== FORMAT || body.readUIntBE(33, 6) <= now) return undefined;
    const token = this.#options.tokens.token(idText(body.subarray(1, 17)));
    if (!opensAnything(token, now)) return undefined;
    return timingSafeEqual(fingerprint(token), body.subarray(17, 33)) ? token : undefined;
  }

  #sign(body: Uint8Array): Buffer {
    return createHmac("sha256", this.#options.signingKey).update("relay resumption ticket\n").update(body).digest();
  }
}

function fingerprint(token: Token): Buffer {
  return createHash("sha256").update(token.secretHash).digest().subarray(0, 16);
}
