import {
  ConnectRequest,
  ConnectResponse,
  type Hello,
  MAX_AGENT_FRAME_BYTES,
  Outcome,
  Reason,
} from "@relay/server/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLinkSession, type SessionEnd } from "./link-session.js";

type ServerFrame = NonNullable<ConnectResponse["frame"]>;

type Model = "greeting" | "open" | "leaving" | "ended";

const HELLO: Hello = {
  protocol: 1,
  tokenKey: "key",
  tokenSecret: "secret",
  ticket: new Uint8Array(0),
  agent: "a",
  instance: "i",
  version: "0",
  buckets: [],
  window: 512,
  windowBytes: 1024,
  outputs: [],
};
const WELCOME: ServerFrame = {
  $case: "welcome",
  value: {
    protocol: 1,
    epoch: 1,
    heartbeatMs: 1_000,
    resumeMs: 0,
    ticket: new Uint8Array(0),
    ticketTtlSeconds: 0,
    serverVersion: "",
    recordsTries: true,
  },
};
const PING: ServerFrame = { $case: "ping", value: {} };
const DELIVERIES: ServerFrame = { $case: "deliveries", value: { deliveries: [] } };
const TRIES_ANSWER: ServerFrame = { $case: "triesAnswer", value: { recorded: [1], refused: [] } };
const GO_AWAY: ServerFrame = { $case: "goAway", value: { reconnectAfterMs: 5, reason: "deploy" } };

function refused(reason: Reason, retryAfterMs = 0): ServerFrame {
  return { $case: "refused", value: { reason, message: "", retryAfterMs, minProtocol: 1, maxProtocol: 1 } };
}

function ack(sequence: number) {
  return {
    sequence,
    outcome: Outcome.OUTCOME_DELIVERED,
    statusCode: 200,
    durationMs: 1,
    tries: 1,
    error: "",
    response: undefined,
    fromLedger: false,
  };
}

function setUp() {
  const sent: string[] = [];
  const ackFrames: number[] = [];
  const frameBytes: number[] = [];
  const ends: SessionEnd[] = [];
  const seen: string[] = [];
  const disconnects: string[] = [];
  const clock = { now: 0 };
  const session = createLinkSession(HELLO, {
    send(frame) {
      const decoded = ConnectRequest.decode(frame).frame;
      sent.push(decoded?.$case ?? "?");
      frameBytes.push(frame.length);
      if (decoded?.$case === "acks") ackFrames.push(decoded.value.acks.length);
    },
    disconnect: (reason) => disconnects.push(reason),
    onWelcome: () => seen.push("welcome"),
    onOutputs: () => seen.push("outputs"),
    onDeliveries: () => seen.push("deliveries"),
    onTriesAnswer: () => seen.push("triesAnswer"),
    onGap: () => seen.push("gap"),
    onGoAway: () => seen.push("goAway"),
    onSecretReplaced: () => seen.push("secretReplaced"),
    onEnd: (end) => ends.push(end),
    now: () => clock.now,
  });
  const receive = (frame: ServerFrame): void => session.receive(ConnectResponse.encode({ frame }).finish());
  return { session, sent, ackFrames, frameBytes, ends, seen, disconnects, clock, receive };
}

describe("the agent's side of a session", () => {
  test("says hello, is welcomed, hands deliveries over", () => {
    const { session, sent, seen, receive } = setUp();
    session.start();
    receive(WELCOME);
    receive(DELIVERIES);
    expect(sent).toEqual(["hello"]);
    expect(seen).toEqual(["welcome", "deliveries"]);
    expect(session.live).toBe(true);
  });

  test("answers a ping with a pong, and pings after an interval of its own silence", () => {
    const { session, sent, receive, clock } = setUp();
    session.start();
    receive(WELCOME);
    receive(PING);
    expect(sent).toEqual(["hello", "pong"]);
    for (let i = 1; i <= 4; i += 1) {
      clock.now += 250;
      session.tick();
    }
    expect(sent).toEqual(["hello", "pong", "ping"]);
  });

  test("two intervals without a frame end the session", () => {
    const { session, ends, disconnects, receive, clock } = setUp();
    session.start();
    receive(WELCOME);
    for (let i = 0; i < 7; i += 1) {
      clock.now += 250;
      session.tick();
    }
    expect(ends).toEqual([]);
    clock.now += 250;
    session.tick();
    expect(ends.map(({ kind }) => kind)).toEqual(["silent"]);
    expect(disconnects).toHaveLength(1);
  });

  test("a machine that slept gives the server one more interval before it calls the link dead", () => {
    const { session, ends, sent, receive, clock } = setUp();
    session.start();
    receive(WELCOME);
    clock.now += 3_600_000;
    session.tick();
    expect(ends).toEqual([]);
    expect(sent.at(-1)).toBe("ping");
    receive({ $case: "pong", value: {} });
    clock.now += 900;
    session.tick();
    expect(ends).toEqual([]);
  });

  test("acks travel 512 to a frame", () => {
    const { session, ackFrames, receive } = setUp();
    session.start();
    receive(WELCOME);
    session.sendAcks(Array.from({ length: 1_100 }, (_, i) => ack(i)));
    expect(ackFrames).toEqual([512, 512, 76]);
  });

  test("says that the server records retries once its welcome says so; announced ones travel also after go-away", () => {
    const { session, sent, seen, receive } = setUp();
    session.start();
    session.sendTries([{ sequence: 1, attempt: 2 }]);
    expect(session.recordsTries).toBe(false);
    receive(WELCOME);
    expect(session.recordsTries).toBe(true);
    receive(GO_AWAY);
    session.sendTries([{ sequence: 1, attempt: 2 }]);
    receive(TRIES_ANSWER);
    expect(sent).toEqual(["hello", "tries"]);
    expect(seen).toEqual(["welcome", "goAway", "triesAnswer"]);
  });

  test("acks with answers travel in frames that a server accepts, in their order", () => {
    const { session, ackFrames, frameBytes, receive } = setUp();
    session.start();
    receive(WELCOME);
    const failed = (sequence: number, headers: number, body: number) => ({
      ...ack(sequence),
      outcome: Outcome.OUTCOME_FAILED,
      error: "é".repeat(200),
      response: { headers: Buffer.alloc(headers), body: Buffer.alloc(body), whole: false },
    });
    const acks = [
      ...Array.from({ length: 10 }, (_, i) => failed(i, 300, 16 * 1024)),
      failed(10, 64 * 1024, 16 * 1024),
      ...Array.from({ length: 600 }, (_, i) => ack(11 + i)),
    ];
    session.sendAcks(acks);
    expect(ackFrames).toEqual([3, 3, 3, 1, 1, 512, 88]);
    for (const bytes of frameBytes) expect(bytes).toBeLessThanOrEqual(MAX_AGENT_FRAME_BYTES);
    expect(Math.max(...frameBytes)).toBeGreaterThan(80 * 1024);
  });

  test("threat: a server that sends deliveries before its welcome gets nothing", () => {
    const { session, ends, seen, receive } = setUp();
    session.start();
    receive(DELIVERIES);
    expect(seen).toEqual([]);
    expect(ends[0]?.kind).toBe("protocol");
  });

  test("threat: bytes that are no frame end the session in words", () => {
    const { session, ends } = setUp();
    session.start();
    session.receive(Buffer.from("ffffffff", "hex"));
    expect(ends[0]?.reason).toMatch(/cannot be read/);
  });

  test("a refusal keeps its reason and its delay", () => {
    const { session, ends, receive } = setUp();
    session.start();
    receive(refused(Reason.REASON_OVERLOADED, 7_000));
    expect(ends[0]).toMatchObject({ kind: "refused", askedDelayMs: 7_000, welcomedForMs: null });
    expect(ends[0]?.refused?.reason).toBe(Reason.REASON_OVERLOADED);
  });

  test("after go-away it still acks, and asks to come back when told", () => {
    const { session, sent, ends, receive } = setUp();
    session.start();
    receive(WELCOME);
    receive(GO_AWAY);
    session.sendAcks([ack(1)]);
    session.closed("closed");
    expect(sent).toEqual(["hello", "acks"]);
    expect(ends[0]).toMatchObject({ kind: "away", askedDelayMs: 5 });
  });

  test("against a model: any order of frames, ticks and losses ends at most once and is silent afterwards", () => {
    const step = fc.oneof(
      fc
        .constantFrom<ServerFrame>(WELCOME, PING, DELIVERIES, TRIES_ANSWER, GO_AWAY, refused(Reason.REASON_FENCED))
        .map((frame) => ({ frame })),
      fc.nat(1_500).map((pass) => ({ pass })),
      fc.constantFrom("ack" as const, "try" as const, "closed" as const, "garbage" as const).map((act) => ({ act })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { session, sent, ends, seen, receive, clock } = setUp();
        session.start();
        let model = "greeting" as Model;
        for (const one of steps) {
          const sentBefore = sent.length;
          const seenBefore = seen.length;
          const was: Model = model;
          if ("frame" in one) {
            receive(one.frame);
            if (was !== "ended") {
              if (one.frame.$case === "refused") model = "ended";
              else if (one.frame.$case === "welcome") model = was === "greeting" ? "open" : "ended";
              else if (was === "greeting") model = "ended";
              else if (one.frame.$case === "goAway") model = "leaving";
            }
          } else if ("pass" in one) {
            clock.now += one.pass;
            session.tick();
            if (ends.length > 0) model = "ended";
          } else if (one.act === "ack") session.sendAcks([ack(1)]);
          else if (one.act === "try") session.sendTries([{ sequence: 1, attempt: 2 }]);
          else if (one.act === "closed") {
            session.closed("gone");
            model = "ended";
          } else {
            session.receive(Buffer.from([0xff]));
            model = "ended";
          }
          expect(ends.length).toBe(model === "ended" ? 1 : 0);
          expect(session.live).toBe(model === "open" || model === "leaving");
          if (was === "ended") {
            expect(sent.length).toBe(sentBefore);
            expect(seen.length).toBe(seenBefore);
          }
          if (was === "greeting" && "act" in one) expect(sent.length).toBe(sentBefore);
        }
      }),
      { numRuns: 300 },
    );
  });
});
