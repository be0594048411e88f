import {
  ACKS_TARGET_BYTES,
  type Ack,
  ConnectRequest,
  ConnectResponse,
  type Delivery,
  type Gap,
  type Hello,
  type Output,
  PROTOCOL_VERSION,
  Reason,
  type Refused,
  type TriesAnswer,
  type Try,
  type Welcome,
} from "@relay/server/wire";

/**
 * The agent's side of one session, free of transport and of clocks: bytes come in by `receive`, time by `tick`, bytes leave
 * by `send`. States: `greeting` (Hello sent), `open` (Welcome received), `leaving` (GoAway received: calls in flight still
 * answer), `ended`.
 */
export interface LinkSession {
  /** Sends Hello. Call once, when frames can be sent. */
  start(): void;
  receive(frame: Uint8Array): void;
  /** Call at least four times per heartbeat: pings, and ends a silent session. */
  tick(): void;
  /** Sends acks in frames of at most 512 and about 64 KiB; without effect unless the session is open or leaving. */
  sendAcks(acks: readonly Ack[]): void;
  /** Announces retries to a server that `recordsTries`, in frames of at most 4,096; without effect as `sendAcks`. */
  sendTries(tries: readonly Try[]): void;
  /** Sends a piece of an answer whose end comes with its ack; without effect as `sendAcks`. */
  sendAnswerPart(sequence: number, body: Uint8Array): void;
  /** Changes the credit of one output; 0 pauses it. */
  sendWindow(output: number, window: number, windowBytes: number): void;
  /** Pings, and calls back when everything that the server sent before its answer has been received. Not after the end. */
  roundTrip(onBack: () => void): void;
  sendGoodbye(): void;
  /** Ends the session because the server broke the contract. */
  reject(reason: string): void;
  /** The transport is gone. */
  closed(reason: string): void;
  /** Until Welcome: a guess for the timer. */
  readonly heartbeatMs: number;
  readonly live: boolean;
  /** The server answers announced retries. False until Welcome. */
  readonly recordsTries: boolean;
}

export interface LinkSessionEvents {
  send(frame: Uint8Array): void;
  /** Ends the transport; `closed` may be called in reply. */
  disconnect(reason: string): void;
  onWelcome(welcome: Welcome): void;
  onOutputs(outputs: readonly Output[], unknownBuckets: readonly string[]): void;
  onDeliveries(deliveries: readonly Delivery[]): void;
  onTriesAnswer(answer: TriesAnswer): void;
  onGap(gap: Gap): void;
  onGoAway(reason: string): void;
  /** The token has a newer secret; the one of this session is good for so long. */
  onSecretReplaced(validForMs: number): void;
  /** Called exactly once. */
  onEnd(end: SessionEnd): void;
  /** Monotonic milliseconds. */
  now(): number;
}

export interface SessionEnd {
  readonly kind: "lost" | "silent" | "protocol" | "refused" | "away";
  /** For people. */
  readonly reason: string;
  readonly welcomedForMs: number | null;
  /** What the server asked to wait, from GoAway or Refused. */
  readonly askedDelayMs: number | null;
  readonly refused: Refused | null;
}

const ACKS_PER_FRAME = 512;
const TRIES_PER_FRAME = 4_096;
/** A server that hashes many secrets at once may take its time to answer; this long without Welcome is dead. */
const WELCOME_TIMEOUT_MS = 30_000;
const LEAST_HEARTBEAT_MS = 50;
const LARGEST_HEARTBEAT_MS = 300_000;

const PING = ConnectRequest.encode({ frame: { $case: "ping", value: {} } }).finish();
const PONG = ConnectRequest.encode({ frame: { $case: "pong", value: {} } }).finish();
const GOODBYE = ConnectRequest.encode({ frame: { $case: "goodbye", value: {} } }).finish();

/** A new session; `hello` is what it introduces itself with. */
export function createLinkSession(hello: Hello, events: LinkSessionEvents): LinkSession {
  let state: "new" | "greeting" | "open" | "leaving" | "ended" = "new";
  let heartbeatMs = WELCOME_TIMEOUT_MS / 2;
  let welcomedAt: number | null = null;
  let lastSentAt = events.now();
  let lastReceivedAt = lastSentAt;
  let lastTickAt = lastSentAt;
  let goAwayMs: number | null = null;
  let recordsTries = false;
  let pings = 0;
  let pongs = 0;
  /** In the order of their pings, each with the number of its own. */
  const roundTrips: { readonly ping: number; readonly onBack: () => void }[] = [];

  const send = (frame: Uint8Array): void => {
    lastSentAt = events.now();
    events.send(frame);
  };

  const ping = (): void => {
    pings += 1;
    send(PING);
  };

  const pong = (): void => {
    pongs += 1;
    while (roundTrips[0] !== undefined && roundTrips[0].ping <= pongs) roundTrips.shift()?.onBack();
  };

  const end = (kind: SessionEnd["kind"], reason: string, refused: Refused | null = null): void => {
    if (state === "ended") return;
    state = "ended";
    const askedDelayMs = refused !== null && refused.retryAfterMs > 0 ? refused.retryAfterMs : goAwayMs;
    const welcomedForMs = welcomedAt === null ? null : events.now() - welcomedAt;
    events.onEnd({ kind, reason, welcomedForMs, askedDelayMs, refused });
  };

  /** Ends the session from this side. */
  const abandon = (kind: SessionEnd["kind"], reason: string, refused: Refused | null = null): void => {
    if (state === "ended") return;
    end(kind, reason, refused);
    events.disconnect(reason);
  };

  const welcome = (message: Welcome): void => {
    if (state !== "greeting") {
      abandon("protocol", "the server sent a second Welcome");
      return;
    }
    if (message.protocol !== PROTOCOL_VERSION) {
      abandon("refused", `the server speaks protocol ${message.protocol}`, versionRefusal(message.protocol));
      return;
    }
    state = "open";
    welcomedAt = events.now();
    recordsTries = message.recordsTries;
    heartbeatMs = Math.min(LARGEST_HEARTBEAT_MS, Math.max(LEAST_HEARTBEAT_MS, message.heartbeatMs));
    events.onWelcome(message);
  };

  const handle = (frame: NonNullable<ConnectResponse["frame"]>): void => {
    if (frame.$case === "refused") {
      abandon("refused", frame.value.message.replace(/\.+$/, "") || describeReason(frame.value.reason), frame.value);
      return;
    }
    if (frame.$case === "welcome") {
      welcome(frame.value);
      return;
    }
    if (state === "greeting") {
      abandon("protocol", `the server sent ${frame.$case} before Welcome`);
      return;
    }
    switch (frame.$case) {
      case "deliveries":
        events.onDeliveries(frame.value.deliveries);
        return;
      case "outputs":
        events.onOutputs(frame.value.outputs, frame.value.unknownBuckets);
        return;
      case "triesAnswer":
        events.onTriesAnswer(frame.value);
        return;
      case "gap":
        events.onGap(frame.value);
        return;
      case "ping":
        send(PONG);
        return;
      case "pong":
        pong();
        return;
      case "secretReplaced":
        events.onSecretReplaced(frame.value.validForMs);
        return;
      case "goAway":
        state = "leaving";
        goAwayMs = frame.value.reconnectAfterMs;
        events.onGoAway(frame.value.reason);
        return;
    }
  };

  return {
    start() {
      if (state !== "new") return;
      state = "greeting";
      lastReceivedAt = events.now();
      lastTickAt = lastReceivedAt;
      send(ConnectRequest.encode({ frame: { $case: "hello", value: hello } }).finish());
    },
    receive(bytes) {
      if (state === "ended" || state === "new") return;
      lastReceivedAt = events.now();
      let message: ConnectResponse;
      try {
        message = ConnectResponse.decode(bytes);
      } catch (error) {
        return abandon("protocol", `the server sent a frame that cannot be read: ${(error as Error).message}`);
      }
      // A frame of a newer server that this program does not know: it counts as a sign of life.
      if (message.frame !== undefined) handle(message.frame);
    },
    tick() {
      if (state === "ended") return;
      const now = events.now();
      // The machine slept or the loop was blocked: frames may wait unread. One more interval tells, with a ping to answer.
      if (now - lastTickAt > heartbeatMs) lastReceivedAt = Math.max(lastReceivedAt, now - heartbeatMs);
      lastTickAt = now;
      if (now - lastReceivedAt >= 2 * heartbeatMs) {
        const seconds = ((2 * heartbeatMs) / 1000).toFixed(heartbeatMs < 1000 ? 1 : 0);
        return abandon("silent", `no sign of life from the server for ${seconds} s`);
      }
      if ((state === "open" || state === "leaving") && now - lastSentAt >= heartbeatMs) ping();
    },
    sendAcks(acks) {
      if (state !== "open" && state !== "leaving") return;
      let part: Ack[] = [];
      let bytes = 0;
      const flush = (): void => {
        if (part.length === 0) return;
        send(ConnectRequest.encode({ frame: { $case: "acks", value: { acks: part } } }).finish());
        part = [];
        bytes = 0;
      };
      for (const ack of acks) {
        const size = sizeOf(ack);
        if (part.length === ACKS_PER_FRAME || bytes + size > ACKS_TARGET_BYTES) flush();
        part.push(ack);
        bytes += size;
      }
      flush();
    },
    sendTries(tries) {
      if (state !== "open" && state !== "leaving") return;
      for (let at = 0; at < tries.length; at += TRIES_PER_FRAME) {
        const value = { tries: tries.slice(at, at + TRIES_PER_FRAME) };
        send(ConnectRequest.encode({ frame: { $case: "tries", value } }).finish());
      }
    },
    sendAnswerPart(sequence, body) {
      if (state !== "open" && state !== "leaving") return;
      send(ConnectRequest.encode({ frame: { $case: "answerPart", value: { sequence, body } } }).finish());
    },
    sendWindow(output, window, windowBytes) {
      if (state !== "open" && state !== "leaving") return;
      send(ConnectRequest.encode({ frame: { $case: "window", value: { output, window, windowBytes } } }).finish());
    },
    roundTrip(onBack) {
      if (state !== "open" && state !== "leaving") return;
      roundTrips.push({ ping: pings + 1, onBack });
      ping();
    },
    sendGoodbye() {
      if (state === "open" || state === "leaving") send(GOODBYE);
    },
    reject(reason) {
      abandon("protocol", reason);
    },
    closed(reason) {
      end(state === "leaving" ? "away" : "lost", reason);
    },
    get heartbeatMs() {
      return heartbeatMs;
    },
    get live() {
      return state === "open" || state === "leaving";
    },
    get recordsTries() {
      return recordsTries;
    },
  };
}

/** Bytes of an encoded ack, rounded up: numbers and envelope, the error's text as UTF-8, the answer. */
function sizeOf({ error, response }: Ack): number {
  return 64 + 3 * error.length + (response === undefined ? 0 : response.headers.length + response.body.length);
}

function versionRefusal(protocol: number): Refused {
  return {
    reason: Reason.REASON_VERSION,
    message: `the server speaks protocol ${protocol}, this program ${PROTOCOL_VERSION}`,
    retryAfterMs: 0,
    minProtocol: protocol,
    maxProtocol: protocol,
  };
}

function describeReason(reason: Reason): string {
  switch (reason) {
    case Reason.REASON_UNAUTHORIZED:
      return "the server does not accept the token";
    case Reason.REASON_TICKET_EXPIRED:
      return "the resumption ticket is too old";
    case Reason.REASON_VERSION:
      return "the server speaks another version of the protocol";
    case Reason.REASON_FENCED:
      return "another agent of the same name took over";
    case Reason.REASON_OVERLOADED:
      return "the server is overloaded";
    case Reason.REASON_PROTOCOL:
      return "the server says that this program broke the protocol";
    default:
      return "the server refused the session";
  }
}
