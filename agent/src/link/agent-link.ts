import { type Gap, type Hello, PROTOCOL_VERSION, Reason, type Welcome } from "@relay/server/wire";
import { type Credentials, sameCredentials } from "./credentials.js";
import { createLinkSession, type LinkSession, type LinkSessionEvents, type SessionEnd } from "./link-session.js";
import { afterEnding, FIRST_CONNECTION } from "./reconnect.js";
import type { TicketStore } from "./ticket-store.js";
import type { Transport, TransportConnection } from "./transport.js";

/** Who the agent says it is and what it wants. */
export interface AgentIdentity {
  readonly agent: string;
  readonly instance: string;
  readonly version: string;
  readonly buckets: readonly string[];
  readonly outputs: readonly string[];
  readonly window: number;
  readonly windowBytes: number;
}

/** Credentials, with the ticket of their sessions. */
export interface Login extends Credentials {
  readonly tickets: TicketStore;
}

/** What takes the link's deliveries: the forwarder. */
export interface LinkReceiver extends Pick<LinkSessionEvents, "onOutputs" | "onDeliveries" | "onTriesAnswer"> {
  sessionStarted(session: LinkSession): void;
  /** Closes the session's windows; resolves when what is in hand is acked, when the session has ended, or after `limitMs`. */
  finishSession(limitMs: number): Promise<void>;
  sessionEnded(): void;
}

/** What people want to know of the link. */
export interface LinkEvents {
  connected(welcome: Welcome): void;
  /** `delayMs` until the next try. */
  lost(reason: string, delayMs: number): void;
  goingAway(reason: string): void;
  gap(gap: Gap): void;
  /** The token has a newer secret. Told once for a login, unless the time changes. */
  secretReplaced(validForMs: number): void;
  /** Other credentials that were to be used are refused; the link goes on with those before. */
  loginRefused(reason: string): void;
  /** The credentials that worked work no more; for `awaitLoginMs` others may be given. */
  awaitingLogin(reason: string): void;
}

export interface AgentLinkOptions {
  readonly transport: Transport;
  readonly identity: AgentIdentity;
  readonly login: Login;
  /** How long to wait for other credentials when those that worked have ended; 0 ends the link at once. */
  readonly awaitLoginMs: number;
  readonly receiver: LinkReceiver;
  readonly events: LinkEvents;
  /** Monotonic milliseconds. */
  now(): number;
  /** In [0, 1). */
  random(): number;
}

/** Why the link ended for good. */
export type LinkEnd =
  | { readonly kind: "stopped" }
  | { readonly kind: "unauthorized" | "version" | "fenced"; readonly message: string };

/** Keeps one session alive for ever: connects, listens, reconnects. */
export interface AgentLink {
  readonly ended: Promise<LinkEnd>;
  /**
   * Goes on with other credentials, by a new session once what the present one has in hand is done. False when
   * they are in use already.
   */
  use(login: Login): boolean;
  /** Says goodbye and ends. */
  stop(): void;
}

/** How long a session that is about to be left may finish what it has in hand. */
const FINISH_MS = 5_000;

/** By this much the end of a secret must move to be told again: its distance is measured anew by each session. */
const SAME_END_MS = 5_000;

/** Starts connecting at once. */
export function startAgentLink(options: AgentLinkOptions): AgentLink {
  const { transport, identity, receiver, events } = options;
  let state = FIRST_CONNECTION;
  let session: LinkSession | null = null;
  let connection: TransportConnection | null = null;
  let retry: NodeJS.Timeout | null = null;
  let ticker: NodeJS.Timeout | null = null;
  let stopped = false;
  /** What the next session logs in with, and what the present or last one did. */
  let login = options.login;
  let sessionLogin = login;
  /** The login that worked last. */
  let proven: Login | null = null;
  /** Until when other credentials are awaited; null when those at hand are not known to have ended. */
  let awaitingUntil: number | null = null;
  /** `finishing`: the session is left for one of another login; `left`: it has said goodbye. */
  let move: "none" | "finishing" | "left" = "none";
  let toldOfEnd: { readonly login: Login; readonly at: number } | null = null;
  let resolveEnd: (end: LinkEnd) => void = () => undefined;
  const ended = new Promise<LinkEnd>((resolve) => {
    resolveEnd = resolve;
  });

  const hello = (): Hello => {
    const ticket = sessionLogin.tickets.current();
    return {
      ...identity,
      protocol: PROTOCOL_VERSION,
      tokenKey: sessionLogin.key,
      tokenSecret: ticket.length > 0 ? "" : sessionLogin.secret,
      ticket,
      buckets: [...identity.buckets],
      outputs: [...identity.outputs],
    };
  };

  const tickEvery = (intervalMs: number, current: LinkSession): void => {
    if (ticker !== null) clearInterval(ticker);
    ticker = setInterval(() => current.tick(), intervalMs);
  };

  const connectIn = (delayMs: number): void => {
    retry = setTimeout(connect, delayMs);
  };

  const endFor = (end: LinkEnd): void => {
    stopped = true;
    resolveEnd(end);
  };

  /** Leaves the session for one of another login, without a delivery cut short. */
  const leave = (): void => {
    if (session === null || move !== "none") return;
    const left = session;
    move = "finishing";
    receiver.finishSession(FINISH_MS).then(() => {
      if (session !== left || stopped) return;
      move = "left";
      left.sendGoodbye();
      connection?.close();
    });
  };

  /** A refused login is never tried twice in a row: others are, those that worked or those still to come. */
  const onUnauthorized = (end: LinkEnd & { readonly message: string }): void => {
    sessionLogin.tickets.forget();
    if (login !== sessionLogin) {
      connectIn(0);
      return;
    }
    if (proven !== null && proven !== login) {
      events.loginRefused(end.message);
      login = proven;
      connectIn(0);
      return;
    }
    if (awaitingUntil === null) {
      // Never worked: a wrong configuration, for whoever starts the agent.
      if (proven === null || options.awaitLoginMs === 0) {
        endFor(end);
        return;
      }
      proven = null;
      awaitingUntil = options.now() + options.awaitLoginMs;
      events.awaitingLogin(end.message);
    }
    const left = awaitingUntil - options.now();
    retry = setTimeout(() => endFor(end), Math.max(0, left));
  };

  const onSecretReplaced = (validForMs: number): void => {
    const at = options.now() + validForMs;
    if (toldOfEnd?.login === sessionLogin && Math.abs(toldOfEnd.at - at) < SAME_END_MS) return;
    toldOfEnd = { login: sessionLogin, at };
    events.secretReplaced(validForMs);
  };

  const onEnd = (end: SessionEnd): void => {
    if (ticker !== null) clearInterval(ticker);
    ticker = null;
    session = null;
    const moved = move === "left";
    move = "none";
    receiver.sessionEnded();
    if (stopped) {
      resolveEnd({ kind: "stopped" });
      return;
    }
    const final = finalEnd(end);
    if (final !== null) {
      if (final.kind === "unauthorized") onUnauthorized(final);
      else endFor(final);
      return;
    }
    if (moved) {
      connectIn(0);
      return;
    }
    const ticketRefused = end.refused?.reason === Reason.REASON_TICKET_EXPIRED;
    if (ticketRefused) sessionLogin.tickets.forget();
    const next = afterEnding(state, { ...end, atOnce: ticketRefused }, options.random());
    state = next.state;
    if (next.delayMs > 0 || !ticketRefused) events.lost(end.reason, next.delayMs);
    connectIn(next.delayMs);
  };

  const connect = (): void => {
    retry = null;
    sessionLogin = login;
    let mine: TransportConnection | null = null;
    const current: LinkSession = createLinkSession(hello(), {
      send: (frame) => mine?.send(frame),
      disconnect: (reason) => mine?.destroy(reason),
      onWelcome(welcome) {
        proven = sessionLogin;
        awaitingUntil = null;
        sessionLogin.tickets.save(welcome.ticket, welcome.ticketTtlSeconds);
        tickEvery(current.heartbeatMs / 4, current);
        receiver.sessionStarted(current);
        events.connected(welcome);
        if (login !== sessionLogin) leave();
      },
      onOutputs: receiver.onOutputs,
      // After the goodbye the server takes back what it had under way: it will come by the next session.
      onDeliveries: (deliveries) => {
        if (move !== "left") receiver.onDeliveries(deliveries);
      },
      onTriesAnswer: receiver.onTriesAnswer,
      onGap: events.gap,
      onGoAway: events.goingAway,
      onSecretReplaced,
      onEnd,
      now: options.now,
    });
    session = current;
    tickEvery(1_000, current);
    mine = transport.connect({
      onOpen: () => current.start(),
      onFrame: (frame) => current.receive(frame),
      onClose: (reason) => current.closed(reason),
    });
    connection = mine;
  };

  connect();
  return {
    ended,
    use(next) {
      if (stopped || sameCredentials(next, login)) return false;
      login = next;
      if (session?.live === true) leave();
      else if (session === null && awaitingUntil !== null) {
        if (retry !== null) clearTimeout(retry);
        connectIn(0);
      }
      return true;
    },
    stop() {
      if (stopped) return;
      stopped = true;
      if (retry !== null) clearTimeout(retry);
      if (session === null) return resolveEnd({ kind: "stopped" });
      session.sendGoodbye();
      connection?.close();
    },
  };
}

/** The endings after which connecting again does not help, in words. */
function finalEnd(end: SessionEnd): Exclude<LinkEnd, { kind: "stopped" }> | null {
  switch (end.refused?.reason) {
    case Reason.REASON_UNAUTHORIZED:
      return { kind: "unauthorized", message: end.reason };
    case Reason.REASON_VERSION:
      return { kind: "version", message: end.reason };
    case Reason.REASON_FENCED:
      return { kind: "fenced", message: end.reason };
    default:
      return null;
  }
}
