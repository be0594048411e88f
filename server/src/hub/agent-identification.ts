import type { ResumptionTickets } from "../auth/resumption-ticket.js";
import type { TokenAuthenticator } from "../auth/token-authenticator.js";
import type { Identity } from "../auth/token-standing.js";
import type { Catalog } from "../catalog/catalog.js";
import { type Hello, Reason } from "../wire/index.js";
import type { Refusal } from "./admission.js";
import { FairChecks } from "./fair-checks.js";

/** A busy password check is tried again after this long. */
const BUSY_RETRY_MS = 2_000;

export interface AgentIdentificationOptions {
  readonly catalog: Catalog;
  readonly authenticator: TokenAuthenticator;
  readonly tickets: ResumptionTickets;
}

/** Finds out whose token an agent has: by a ticket of an earlier session, which costs nothing, or by its secret. */
export class AgentIdentification {
  readonly #options: AgentIdentificationOptions;
  readonly #checks = new FairChecks();

  constructor(options: AgentIdentificationOptions) {
    this.#options = options;
  }

  /** `remoteAddress` shares the time for checking secrets fairly among those who ask. */
  async identify(hello: Hello, remoteAddress: string): Promise<Identity | Refusal> {
    const byTicket = hello.tokenSecret === "" && hello.ticket.length > 0;
    return byTicket ? this.#byTicket(hello) : this.#bySecret(hello, remoteAddress);
  }

  #byTicket(hello: Hello): Identity | Refusal {
    const { authenticator, tickets, catalog } = this.#options;
    const identity = tickets.readTicket(hello.ticket, Date.now());
    if (identity === undefined || identity.token.id !== catalog.token(hello.tokenKey)?.id) {
      return {
        reason: Reason.REASON_TICKET_EXPIRED,
        message: "The ticket is too old: send the secret.",
        retryAfterMs: 0,
      };
    }
    authenticator.noteUse(identity);
    return identity;
  }

  async #bySecret({ tokenKey, tokenSecret }: Hello, remoteAddress: string): Promise<Identity | Refusal> {
    const { authenticator } = this.#options;
    const known = authenticator.authenticateCached(tokenKey, tokenSecret);
    if (known !== undefined) return known;
    const result = await this.#checks.run(remoteAddress, `${tokenKey} ${tokenSecret}`, () =>
      authenticator.authenticate(tokenKey, tokenSecret),
    );
    if (result === undefined || result.kind === "busy") {
      return {
        reason: Reason.REASON_OVERLOADED,
        message: "Too many agents are logging in: try again in a moment.",
        retryAfterMs: BUSY_RETRY_MS,
      };
    }
    if (result.kind === "unauthorized") {
      return { reason: Reason.REASON_UNAUTHORIZED, message: "Unknown token key or wrong secret.", retryAfterMs: 0 };
    }
    return result;
  }
}
