import { type Gap, type Hello, PROTOCOL_VERSION, Reason, type Welcome } from "@relay/server/wire";
import { createLinkSession, type LinkSession, type LinkSessionEvents, type SessionEnd } from "./link-session.js";
import { afterEnding, FIRST_CONNECTION } from "./reconnect.js";
import type { TicketStore } from "./ticket-store.js";
import type { Transport, TransportConnection } from "./transport.js";

/** Who the agent says it is and what it wants. */
export interface AgentIdentity {
  readonly tokenKey: string;
  readonly tokenSecret: string;
  readonly agent: string;
  readonly instance: string;
  readonly version: string;
  readonly buckets: readonly string[];
  readonly outputs: readonly string[];
  readonly window: number;
  readonly windowBytes: number;
}

/** What takes the link's deliveries: the forwarder. */
export interface LinkReceiver extends Pick<LinkSessionEvents, "onOutputs" | "onDeliveries" | "onTriesAnswer"> {
  sessionStarted(session: LinkSession): void;
  sessionEnded(): void;
}

/** What people want to know of the link. */
export interface LinkEvents {
  connected(welcome: Welcome): void;
  /** `delayMs` until the next try. */
  lost(reason: string, delayMs: number): void;
  goingAway(reason: string): void;
  gap(gap: Gap): void;
}

export interface AgentLinkOptions {
  readonly transport: Transport;
  readonly identity: AgentIdentity;
  readonly tickets: TicketStore;
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
  /** Says goodbye and ends. */
  stop(): void;
}

/** Starts connecting at once. */
export function startAgentLink(options: AgentLinkOptions): AgentLink {
  const { transport, identity, tickets, receiver, events } = options;
  let state = FIRST_CONNECTION;
  let session: LinkSession | null = null;
  let connection: TransportConnection | null = null;
  let retry: NodeJS.Timeout | null = null;
  let ticker: NodeJS.Timeout | null = null;
  let stopped = false;
  let resolveEnd: (end: LinkEnd) => void = () => undefined;
  const ended = new Promise<LinkEnd>((resolve) => {
    resolveEnd = resolve;
  });

  const hello = (): Hello => {
    const ticket = tickets.current();
    return {
      ...identity,
      protocol: PROTOCOL_VERSION,
      tokenSecret: ticket.length > 0 ? "" : identity.tokenSecret,
      ticket,
      buckets: [...identity.buckets],
      outputs: [...identity.outputs],
    };
  };

  const tickEvery = (intervalMs: number, current: LinkSession): void => {
    if (ticker !== null) clearInterval(ticker);
    ticker = setInterval(() => current.tick(), intervalMs);
  };

  const onEnd = (end: SessionEnd): void => {
    if (ticker !== null) clearInterval(ticker);
    ticker = null;
    session = null;
    receiver.sessionEnded();
    if (stopped) {
      resolveEnd({ kind: "stopped" });
      return;
    }
    const final = finalEnd(end);
    if (final !== null) {
      stopped = true;
      if (final.kind === "unauthorized") tickets.forget();
      resolveEnd(final);
      return;
    }
    const ticketRefused = end.refused?.reason === Reason.REASON_TICKET_EXPIRED;
    if (ticketRefused) tickets.forget();
    const next = afterEnding(state, { ...end, atOnce: ticketRefused }, options.random());
    state = next.state;
    if (next.delayMs > 0 || !ticketRefused) events.lost(end.reason, next.delayMs);
    retry = setTimeout(connect, next.delayMs);
  };

  const connect = (): void => {
    retry = null;
    let mine: TransportConnection | null = null;
    const current: LinkSession = createLinkSession(hello(), {
      send: (frame) => mine?.send(frame),
      disconnect: (reason) => mine?.destroy(reason),
      onWelcome(welcome) {
        tickets.save(welcome.ticket, welcome.ticketTtlSeconds);
        tickEvery(current.heartbeatMs / 4, current);
        receiver.sessionStarted(current);
        events.connected(welcome);
      },
      onOutputs: receiver.onOutputs,
      onDeliveries: receiver.onDeliveries,
      onTriesAnswer: receiver.onTriesAnswer,
      onGap: events.gap,
      onGoAway: events.goingAway,
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
