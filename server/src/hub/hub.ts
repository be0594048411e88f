import type pg from "pg";
import type { Logger } from "pino";
import { type ResumptionTickets, TICKET_TTL_SECONDS } from "../auth/resumption-ticket.js";
import type { TokenAuthenticator } from "../auth/token-authenticator.js";
import { secretStanding, validOldSecret } from "../auth/token-standing.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Token } from "../catalog/model.js";
import type { Sealer } from "../crypto/sealer.js";
import type { AttemptRecorder } from "../delivery/attempt-recorder.js";
import type { Dispatcher } from "../delivery/dispatcher.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Hint } from "../hint/hint.js";
import { closeAgentSession, liveEpochs, openAgentSession, updateAgentOutputs } from "../store/agents.js";
import { type Hello, MAX_HELLO_BYTES, type Outcome, Reason } from "../wire/index.js";
import type { Admission, Refusal } from "./admission.js";
import { AgentIdentification } from "./agent-identification.js";
import { AgentSession, type SessionHost } from "./agent-session.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";
import { checkHello } from "./check-hello.js";
import { type Greeting, Greetings } from "./greetings.js";
import { servedOutputs } from "./served-outputs.js";
import { type Gap, stallMissed } from "./stall-missed.js";
import { whyEnded } from "./why-ended.js";

const TICK_MS = 1_000;

/** How often connections that are not admitted yet are looked at. */
const GREETINGS_TICK_MS = 250;

/** How often a server asks whether its sessions are still the live ones, should the hint have been lost. */
const FENCE_POLL_TICKS = 5;

/** An agent that found the server full tries again after this long, and then some. */
const FULL_RETRY_MS = 5_000;

const HELLO_TOO_LARGE: Refusal = {
  reason: Reason.REASON_PROTOCOL,
  message: `Hello is larger than ${MAX_HELLO_BYTES} bytes: name fewer buckets and outputs.`,
  retryAfterMs: 0,
};
const LEFT: Refusal = { reason: Reason.REASON_PROTOCOL, message: "The agent left.", retryAfterMs: 0 };
const REVOKED: Refusal = { reason: Reason.REASON_UNAUTHORIZED, message: "The token was revoked.", retryAfterMs: 0 };

export interface HubOptions {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly sealer: Sealer;
  readonly hint: Hint;
  readonly dispatcher: Dispatcher;
  readonly attempts: AttemptRecorder;
  readonly authenticator: TokenAuthenticator;
  readonly tickets: ResumptionTickets;
  readonly logger: Logger;
  readonly serverId: () => number;
  readonly serverVersion: string;
  readonly heartbeatMs: number;
  readonly resumeWindowMs: number;
  readonly maxAgents: number;
  readonly maxGreetings: number;
  readonly observer: HubObserver;
}

export interface HubObserver {
  delivered(outcome: Outcome, seconds: number): void;
  admitted(): void;
  refused(reason: Reason): void;
}

/** All agent sessions of this server: admits, fences, watches over their life, and lets them go. */
export class Hub implements SessionHost {
  /** Where the transports announce each new connection before they read from it. */
  readonly greetings: Greetings;
  readonly #options: HubOptions;
  readonly #identification: AgentIdentification;
  /** Sessions from their first packet on. */
  readonly #sessions = new Set<AgentSession>();
  /** The sessions that have proven a token, and so hold one of `maxAgents` places, with whose they are. */
  readonly #places = new Map<AgentSession, string>();
  /** Live sessions by agent: at most one each. */
  readonly #byAgent = new Map<number, AgentSession>();
  readonly #greeting = new Map<AgentSession, Greeting>();
  /** What agents are told that they missed, once they are welcomed. */
  readonly #gaps = new Map<AgentSession, readonly Gap[]>();
  #timer: NodeJS.Timeout | undefined;
  #greetingsTimer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #draining = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#identification = new AgentIdentification(options);
    this.greetings = new Greetings({
      max: options.maxGreetings,
      logger: options.logger,
      now: () => performance.now(),
    });
    options.catalog.onChange(() => this.#reconfigure());
    options.hint.subscribe("agents", (ids) => void this.#fence(ids.map(Number)));
  }

  get heartbeatMs(): number {
    return this.#options.heartbeatMs;
  }

  get resumeWindowMs(): number {
    return this.#options.resumeWindowMs;
  }

  get serverVersion(): string {
    return this.#options.serverVersion;
  }

  /** Agents with a live session here. */
  get agents(): number {
    return this.#byAgent.size;
  }

  /** Those of them that came with a secret that was replaced since. */
  get agentsOnOldSecret(): number {
    const now = Date.now();
    let count = 0;
    for (const { admission } of this.#byAgent.values()) {
      const token = admission === undefined ? undefined : this.#options.catalog.token(admission.token.id);
      if (token !== undefined && secretStanding(token, admission?.secretHash ?? "", now) === "old") count += 1;
    }
    return count;
  }

  *idsInFlight(): Iterable<string> {
    for (const session of this.#sessions) yield* session.idsInFlight();
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#greetingsTimer = setInterval(() => this.greetings.tick(), GREETINGS_TICK_MS);
  }

  /** Takes a new connection; undefined when the server is leaving. */
  accept(transport: AgentTransport, greeting: Greeting): AgentTransportEvents | undefined {
    if (this.#draining) return undefined;
    const session = new AgentSession({
      transport,
      host: this,
      dispatcher: this.#options.dispatcher,
      sealer: this.#options.sealer,
      logger: this.#options.logger,
      nowMs: performance.now(),
    });
    this.#sessions.add(session);
    this.#greeting.set(session, greeting);
    return {
      frame: (bytes) => {
        if (session.state === "greeting") {
          greeting.spoke();
          if (bytes.length > MAX_HELLO_BYTES) {
            session.refuse(HELLO_TOO_LARGE);
            return;
          }
        }
        session.receive(bytes, performance.now());
      },
      closed: (reason) => session.end(reason),
    };
  }

  /** Sends every agent away, spread over the time the others need to take them, and waits for what they have in hand. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    const sessions = [...this.#sessions];
    sessions.forEach((session, index) => {
      session.drain(
        250 + Math.floor((index / sessions.length) * Math.min(10_000, sessions.length * 10)),
        "The server is stopping.",
      );
    });
    const deadline = performance.now() + timeoutMs;
    while (this.#sessions.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const session of [...this.#sessions]) session.end("The server is stopping.");
    clearInterval(this.#timer);
    clearInterval(this.#greetingsTimer);
  }

  /** Ends every session at once: this server's lease is lost, its deliveries are someone else's. */
  dropAll(reason: string): void {
    for (const session of [...this.#sessions]) session.drain(250, reason);
    for (const session of [...this.#sessions]) session.end(reason);
  }

  async admit(hello: Hello, transport: AgentTransport, session: AgentSession): Promise<Admission | Refusal> {
    const outcome = await this.#admit(hello, transport, session);
    if ("reason" in outcome) this.#options.observer.refused(outcome.reason);
    else this.#options.observer.admitted();
    return outcome;
  }

  async #admit(hello: Hello, transport: AgentTransport, session: AgentSession): Promise<Admission | Refusal> {
    const { tickets, pool } = this.#options;
    const wrong = checkHello(hello, this.serverVersion);
    if (wrong !== undefined) return wrong;
    const identity = await this.#identification.identify(hello, transport.remoteAddress);
    if ("reason" in identity) return identity;
    const { token, secretHash } = identity;
    if (this.#hasLeft(session)) return LEFT;
    if (!this.#takePlace(session, `${token.id} ${hello.agent}`)) {
      return {
        reason: Reason.REASON_OVERLOADED,
        message: `The server has as many agents as it takes (MAX_AGENTS, ${this.#options.maxAgents}).`,
        retryAfterMs: FULL_RETRY_MS,
      };
    }
    this.#greeting.get(session)?.admitted();
    const { served } = this.outputsFor(token, hello);
    const opened = await openAgentSession(pool, {
      tokenId: token.id,
      name: hello.agent,
      instance: printable(hello.instance),
      version: printable(hello.version),
      transport: transport.kind,
      remoteAddress: transport.remoteAddress,
      outputIds: served.map(({ output }) => output.id),
      serverId: this.#options.serverId(),
    });
    if (this.#hasLeft(session)) {
      await closeAgentSession(pool, opened.agentId, opened.epoch);
      return LEFT;
    }
    const older = this.#byAgent.get(opened.agentId);
    if (older !== undefined && (older.admission?.epoch ?? 0) < opened.epoch) this.#fenceOff(older);
    this.#byAgent.set(opened.agentId, session);
    this.#options.hint.publish("agents", [String(opened.agentId)]);
    try {
      const { dispatcher } = this.#options;
      const gaps = await stallMissed({ pool, dispatcher, resumeWindowMs: this.resumeWindowMs, served, ...opened });
      if (gaps.length > 0) this.#gaps.set(session, gaps);
    } catch (error) {
      await closeAgentSession(pool, opened.agentId, opened.epoch);
      throw error;
    }
    if (this.#hasLeft(session)) {
      await closeAgentSession(pool, opened.agentId, opened.epoch);
      return LEFT;
    }
    const end = whyEnded(this.#options.catalog.token(token.id), secretHash, Date.now());
    if (end !== undefined) {
      await closeAgentSession(pool, opened.agentId, opened.epoch);
      return end;
    }
    const ticket = tickets.issueTicket(identity, Date.now());
    const ticketTtlSeconds = TICKET_TTL_SECONDS;
    return { agentId: opened.agentId, epoch: opened.epoch, token, secretHash, ticket, ticketTtlSeconds };
  }

  /** A session that follows another of the same agent needs no second place: the other one is about to be fenced. */
  #takePlace(session: AgentSession, owner: string): boolean {
    const { maxAgents } = this.#options;
    if (this.#places.size >= maxAgents && ![...this.#places.values()].includes(owner)) return false;
    this.#places.set(session, owner);
    return true;
  }

  outputsFor(token: Token, hello: Hello): ReturnType<typeof servedOutputs> {
    return servedOutputs(this.#options.catalog, token, hello);
  }

  opened(session: AgentSession): void {
    const { admission, transport } = session;
    this.#options.logger.info(
      {
        agent: session.agentName,
        agentId: admission?.agentId,
        epoch: admission?.epoch,
        transport: transport.kind,
        remote: transport.remoteAddress,
      },
      "agent.connected",
    );
    for (const gap of this.#gaps.get(session) ?? []) session.announceGap(gap.outputId, gap);
    this.#gaps.delete(session);
    this.#warnOfOldSecret(session);
  }

  closed(session: AgentSession): void {
    this.#sessions.delete(session);
    this.#places.delete(session);
    this.#greeting.delete(session);
    this.#gaps.delete(session);
    const { admission } = session;
    if (admission === undefined) {
      for (const [agentId, each] of this.#byAgent) if (each === session) this.#byAgent.delete(agentId);
      return;
    }
    if (this.#byAgent.get(admission.agentId) === session) this.#byAgent.delete(admission.agentId);
    closeAgentSession(this.#options.pool, admission.agentId, admission.epoch).catch((error: unknown) => {
      this.#options.logger.warn({ err: error, agent: session.agentName }, "agent.close-failed");
    });
  }

  delivered(outcome: Outcome, seconds: number): void {
    this.#options.observer.delivered(outcome, seconds);
  }

  recordAttempt(delivery: HeldDelivery, attempt: number, onEnd: (held: boolean) => void): void {
    this.#options.attempts.record(delivery.id, attempt, onEnd);
  }

  #tick(): void {
    const now = performance.now();
    for (const session of [...this.#sessions]) session.tick(now);
    this.#endExpired();
    this.#ticks += 1;
    if (this.#ticks % FENCE_POLL_TICKS === 0) void this.#fence([...this.#byAgent.keys()]);
  }

  /** Ends local sessions of agents that have a newer session elsewhere. */
  async #fence(agentIds: readonly number[]): Promise<void> {
    const mine = agentIds.filter((id) => this.#byAgent.get(id)?.admission !== undefined);
    if (mine.length === 0) return;
    try {
      const epochs = await liveEpochs(this.#options.pool, mine);
      for (const agentId of mine) {
        const session = this.#byAgent.get(agentId);
        const epoch = session?.admission?.epoch;
        const live = epochs.get(agentId);
        if (session === undefined || epoch === undefined) continue;
        if (live === undefined) this.#revoke(session);
        else if (live > epoch) this.#fenceOff(session);
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, "agents.fence-poll-failed");
    }
  }

  /** Tells an agent that came with the secret before how long it still may. */
  #warnOfOldSecret(session: AgentSession): void {
    const { admission } = session;
    const token = admission === undefined ? undefined : this.#options.catalog.token(admission.token.id);
    if (admission === undefined || token === undefined) return;
    const now = Date.now();
    const old = validOldSecret(token, now);
    if (old?.hash === admission.secretHash) session.warnOfOldSecret(old.validUntil * 1000, now);
  }

  /** Time alone ends tokens and old secrets too. */
  #endExpired(): void {
    const now = Date.now();
    for (const session of this.#byAgent.values()) {
      const { admission } = session;
      if (admission === undefined) continue;
      const end = whyEnded(this.#options.catalog.token(admission.token.id), admission.secretHash, now);
      if (end !== undefined) session.refuse(end);
    }
  }

  #hasLeft(session: AgentSession): boolean {
    return session.state === "closed";
  }

  #fenceOff(session: AgentSession): void {
    session.refuse({
      reason: Reason.REASON_FENCED,
      message: `Another agent named "${session.agentName}" connected with the same token and took over.`,
      retryAfterMs: 0,
    });
  }

  #revoke(session: AgentSession): void {
    session.refuse(REVOKED);
  }

  /** The catalog changed: tokens may be gone, outputs added, changed or removed. */
  #reconfigure(): void {
    const now = Date.now();
    for (const session of [...this.#sessions]) {
      const { admission } = session;
      if (admission === undefined) continue;
      const token = this.#options.catalog.token(admission.token.id);
      const end = whyEnded(token, admission.secretHash, now);
      if (token === undefined || end !== undefined) {
        session.refuse(end ?? REVOKED);
        continue;
      }
      this.#warnOfOldSecret(session);
      const before = session.outputIds().join();
      session.reconfigure(token);
      const outputIds = session.outputIds();
      if (outputIds.join() === before) continue;
      updateAgentOutputs(this.#options.pool, { agentId: admission.agentId, epoch: admission.epoch, outputIds })
        .then(() => this.#options.hint.publish("agents", [String(admission.agentId)]))
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, "agent.update-failed"));
    }
  }
}

/** Text of an agent as the database takes it. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "").slice(0, 200);
}
