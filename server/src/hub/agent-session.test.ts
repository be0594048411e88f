import fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import { drainedLane } from "../../test/support/drained-lane.js";
import { sampleOutput, sampleToken } from "../../test/support/sample-catalog.js";
import { sampleDelivery } from "../../test/support/sample-delivery.js";
import { sampleAck, sampleHello } from "../../test/support/sample-messages.js";
import type { Output } from "../catalog/model.js";
import type { Sealer } from "../crypto/sealer.js";
import type { Dispatcher } from "../delivery/dispatcher.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Lane, LaneConsumer } from "../delivery/lane.js";
import {
  Ack,
  ConnectRequest,
  ConnectResponse,
  type Hello,
  Outcome,
  Reason,
  type TriesAnswer,
  type Try,
} from "../wire/index.js";
import type { Admission, Refusal } from "./admission.js";
import { AgentSession, type SessionHost } from "./agent-session.js";

const TOKEN = sampleToken();
const HEARTBEAT_MS = 1_000;

const OUTPUTS = [0, 1, 2].map((number) =>
  sampleOutput({ id: `output-${number}`, headers: { "X-A": ["1", "2"] }, tlsVerification: false }),
);

type AgentFrame = NonNullable<ConnectRequest["frame"]>;
type ServerFrame = NonNullable<ConnectResponse["frame"]>;

/** One session with recording stand-ins around it, and the agent's own book-keeping. */
class Bench {
  readonly lanes = OUTPUTS.map(({ id }) => drainedLane(id));
  readonly finished: { id: string; status: number; attempt: number; statusCode: number; durationMs: number }[] = [];
  readonly released: string[] = [];
  readonly releasedAttempts = new Map<string, number>();
  /** Numbers of retries on their way to the database. */
  readonly recordings: { id: string; attempt: number; onEnd: (held: boolean) => void }[] = [];
  /** The numbers in the database, by delivery. */
  readonly recorded = new Map<string, number>();
  /** Announced and not yet answered, by sequence. */
  readonly announced = new Map<number, number>();
  /** The highest number that the agent was allowed to use, by delivery. */
  readonly allowed = new Map<string, number>();
  readonly refusedTries: number[] = [];
  readonly ephemeral = new Set<string>();
  /** Delivery of each sequence. */
  readonly ids = new Map<number, string>();
  readonly frames: ServerFrame[] = [];
  served: readonly Output[] = OUTPUTS;
  buffered = 0;
  transportClosed = 0;
  hostClosed = 0;
  pushed = 0;
  /** What the agent has in hand: output number of each sequence. */
  readonly inHand = new Map<number, number>();
  readonly seen: number[] = [];
  readonly windows = new Map<number, number>();
  // A whole number: sums of fractions are off by so little that a limit is missed.
  now = Math.ceil(performance.now());
  admit: (answer: Admission | Refusal) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly session: AgentSession;

  constructor() {
    const host: SessionHost = {
      heartbeatMs: HEARTBEAT_MS,
      resumeWindowMs: 600_000,
      serverVersion: "test",
      admit: () =>
        new Promise((resolve, reject) => {
          this.admit = resolve;
          this.fail = reject;
        }),
      outputsFor: () => ({
        served: this.served.map((each) => ({ output: each, bucketName: "b" })),
        unknownBuckets: [],
      }),
      opened: () => undefined,
      closed: () => {
        this.hostClosed += 1;
      },
      delivered: () => undefined,
      recordAttempt: ({ id }, attempt, onEnd) => this.recordings.push({ id, attempt, onEnd }),
    };
    const dispatcher = {
      lane: (wanted: Output) => this.#lane(wanted.id),
      attach: (lane: Lane, consumer: LaneConsumer) => {
        lane.consumers.push(consumer);
        lane.pump();
      },
      detach: (lane: Lane, consumer: LaneConsumer) => {
        const at = lane.consumers.indexOf(consumer);
        if (at >= 0) lane.consumers.splice(at, 1);
      },
      credit: (lane: Lane) => lane.pump(),
      ended: (_lane: Lane, delivery: HeldDelivery, end: Bench["finished"][number]) =>
        this.finished.push({ ...end, id: delivery.id }),
      release: (_lane: Lane, deliveries: readonly HeldDelivery[]) => {
        for (const { id, attempt } of deliveries) {
          this.released.push(id);
          this.releasedAttempts.set(id, attempt);
        }
      },
    } as unknown as Dispatcher;
    const sealer = {
      seal: () => ({ keyVersion: 1, bytes: Buffer.from("sealed") }),
    } as unknown as Sealer;
    this.session = new AgentSession({
      transport: {
        kind: "grpc",
        remoteAddress: "",
        send: (bytes) => this.#sent(bytes),
        bufferedBytes: () => this.buffered,
        close: () => {
          this.transportClosed += 1;
        },
      },
      host,
      dispatcher,
      sealer,
      logger: pino({ level: "silent" }),
      nowMs: this.now,
    });
  }

  #lane(outputId: string): Lane {
    const lane = this.lanes[OUTPUTS.findIndex((each) => each.id === outputId)];
    if (lane === undefined) throw new Error("no such lane");
    return lane;
  }

  #sent(bytes: Uint8Array): void {
    if (this.transportClosed > 0) return;
    const { frame } = ConnectResponse.decode(bytes);
    if (frame === undefined) throw new Error("an empty frame was sent");
    this.frames.push(frame);
    if (frame.$case === "triesAnswer") this.#triesAnswered(frame.value);
    if (frame.$case !== "deliveries") return;
    for (const { sequence, id, output: number } of frame.value.deliveries) {
      this.ids.set(sequence, idOf(Buffer.from(id).readUInt32BE(12)));
      if (sequence <= (this.seen.at(-1) ?? 0)) throw new Error("sequences do not grow");
      this.seen.push(sequence);
      this.inHand.set(sequence, number);
      const held = [...this.inHand.values()].filter((each) => each === number).length;
      if (held > (this.windows.get(number) ?? WINDOW)) throw new Error("more in flight than the window");
    }
  }

  #triesAnswered({ recorded, refused }: TriesAnswer): void {
    for (const sequence of [...recorded, ...refused]) {
      if (!this.announced.has(sequence)) throw new Error("a try was answered that nobody waits for");
    }
    for (const sequence of recorded) {
      const id = this.ids.get(sequence) ?? "";
      const attempt = this.announced.get(sequence) ?? 0;
      if (!this.ephemeral.has(id) && (this.recorded.get(id) ?? 0) < attempt)
        throw new Error("allowed but not recorded");
      this.allowed.set(id, Math.max(attempt, this.allowed.get(id) ?? 0));
    }
    this.refusedTries.push(...refused);
    for (const sequence of [...recorded, ...refused]) this.announced.delete(sequence);
  }

  announce(...tries: Try[]): void {
    for (const { sequence, attempt } of tries) {
      if (this.inHand.has(sequence) && !this.announced.has(sequence)) this.announced.set(sequence, attempt);
    }
    this.receive({ $case: "tries", value: { tries } });
  }

  /** One statement ends: `held` tells whether the row still names this server. */
  record(at = 0, held = true): void {
    const [one] = this.recordings.splice(at, 1);
    if (one === undefined) return;
    if (held) this.recorded.set(one.id, Math.max(one.attempt, this.recorded.get(one.id) ?? 0));
    one.onEnd(held);
  }

  receive(frame: AgentFrame): void {
    this.session.receive(ConnectRequest.encode({ frame }).finish(), this.now);
  }

  hello(fields: Partial<Hello> = {}): void {
    const value = sampleHello({ window: WINDOW, windowBytes: 1_000, ...fields });
    this.receive({ $case: "hello", value });
  }

  async welcome(): Promise<void> {
    this.hello();
    this.admit({ agentId: 1, epoch: 1, token: TOKEN, secretHash: "", ticket: new Uint8Array(), ticketTtlSeconds: 1 });
    await turn();
  }

  push(outputNumber: number, size = 10, ephemeral = false): string {
    this.pushed += 1;
    const idBytes = Buffer.alloc(16);
    idBytes.writeUInt32BE(this.pushed, 12);
    const delivery = { ...sampleDelivery(this.pushed, size), idBytes, attempt: 3, ephemeral };
    if (ephemeral) this.ephemeral.add(delivery.id);
    const lane = this.lanes[outputNumber % this.lanes.length];
    lane?.push(delivery);
    lane?.pump();
    return delivery.id;
  }

  ack(sequence: number, fields: Partial<Ack> = {}): void {
    this.inHand.delete(sequence);
    this.announced.delete(sequence);
    this.receive({ $case: "acks", value: { acks: [sampleAck(sequence, fields)] } });
  }

  refusals(): Reason[] {
    return this.frames.flatMap((frame) => (frame.$case === "refused" ? [frame.value.reason] : []));
  }

  /** Every delivery is finished, or released, or still queued: exactly one of them, exactly once. */
  settled(): void {
    const queued = this.lanes.flatMap((lane) => lane.drain().map((each) => each.id));
    const all = [...this.finished.map((each) => each.id), ...this.released, ...queued].sort();
    expect(all).toEqual(Array.from({ length: this.pushed }, (_, i) => idOf(i + 1)));
    // What is handed out again goes on behind every number that the agent may have used.
    for (const [id, attempt] of this.releasedAttempts) {
      const known = this.ephemeral.has(id) ? attempt : Math.max(3, this.recorded.get(id) ?? 0);
      expect(known).toBeGreaterThanOrEqual(this.allowed.get(id) ?? 3);
    }
  }
}

const WINDOW = 3;
const idOf = (number: number) => sampleDelivery(number).id;
const turn = () => new Promise((resolve) => setImmediate(resolve));

const kinds = ["push", "try", "record", "ack", "ackTwice", "ackMany", "window", "ping", "pong"] as const;
const rareKinds = ["reconfigure", "buffer", "tick", "drain", "garbage", "goodbye", "hello", "end", "admit"] as const;
const step = fc.record({
  kind: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...kinds) }, fc.constantFrom(...rareKinds)),
  a: fc.nat(20),
  b: fc.nat(6),
  bytes: fc.uint8Array({ maxLength: 20 }),
});

function act(bench: Bench, { kind, a, b, bytes }: { kind: string; a: number; b: number; bytes: Uint8Array }): void {
  const { session } = bench;
  const sequence = [...bench.inHand.keys()][a % Math.max(1, bench.inHand.size)] ?? a;
  switch (kind) {
    case "push":
      bench.push(a, b * 40, b % 2 === 1);
      return;
    case "try":
      bench.announce({ sequence, attempt: b }, { sequence, attempt: 3 + b });
      return;
    case "record":
      bench.record(a % Math.max(1, bench.recordings.length), b !== 0);
      return;
    case "ack":
      bench.ack(sequence, { outcome: b as Outcome });
      return;
    case "ackTwice":
      bench.ack(sequence, { outcome: b as Outcome });
      bench.ack(sequence, { outcome: ((b + 1) % 6) as Outcome });
      return;
    case "ackMany":
      for (const each of [...bench.inHand.keys()].reverse()) bench.ack(each, { outcome: b as Outcome });
      return;
    case "window":
      bench.windows.set(a, b);
      bench.receive({ $case: "window", value: { output: a, window: b, windowBytes: b * 100 } });
      return;
    case "ping":
    case "pong":
      bench.receive({ $case: kind, value: {} });
      return;
    case "reconfigure":
      bench.served = OUTPUTS.filter((_, i) => (b & (1 << i)) !== 0);
      session.reconfigure(TOKEN);
      return;
    case "buffer":
      bench.buffered = b % 2 === 0 ? 0 : 64 * 1024 * 1024;
      return;
    case "tick":
      bench.now += a * 100;
      session.tick(bench.now);
      return;
    case "drain":
      session.drain(100, "test");
      return;
    case "garbage":
      session.receive(bytes, bench.now);
      return;
    case "goodbye":
      bench.receive({ $case: "goodbye", value: {} });
      return;
    case "hello":
      bench.hello();
      return;
    case "end":
      session.end("test");
      return;
    case "admit":
      if (b === 0) bench.fail(new Error("database away"));
      else if (b === 1) bench.admit({ reason: Reason.REASON_UNAUTHORIZED, message: "no", retryAfterMs: 0 });
      else
        bench.admit({
          agentId: 1,
          epoch: 1,
          token: TOKEN,
          secretHash: "",
          ticket: new Uint8Array(),
          ticketTtlSeconds: 1,
        });
  }
}

test("whatever an agent does in whatever order: each delivery is finished or given back exactly once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 60 }), async (welcomed, steps) => {
      const bench = new Bench();
      if (welcomed) await bench.welcome();
      for (const each of steps) {
        act(bench, each);
        await turn();
      }
      bench.session.end("over");
      await turn();
      expect(bench.session.state).toBe("closed");
      expect(bench.session.unacknowledged).toBe(0);
      expect([bench.transportClosed, bench.hostClosed]).toEqual([1, 1]);
      expect(bench.lanes.flatMap((lane) => lane.consumers)).toEqual([]);
      bench.settled();
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("no bytes whatsoever crash a session, in no state", async () => {
  const valid = ConnectRequest.encode({
    frame: { $case: "acks", value: { acks: [{ ...Ack.decode(new Uint8Array()), sequence: 1 }] } },
  }).finish();
  const mutated = fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, value]) => {
    const bytes = Uint8Array.from(valid);
    bytes[at] = value;
    return bytes;
  });
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated);
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom("greeting", "opening", "live", "draining"), async (frame, state) => {
      const bench = new Bench();
      if (state === "opening") bench.hello();
      if (state === "live" || state === "draining") await bench.welcome();
      bench.push(0);
      if (state === "draining") bench.session.drain(1, "test");
      expect(bench.session.state).toBe(state);
      bench.session.receive(frame, bench.now);
      bench.session.end("over");
      bench.settled();
    }),
    { numRuns: 500 },
  );
});

test("a frame before Hello, a second Hello and a frame that does not decode are protocol errors", async () => {
  const before = new Bench();
  before.receive({ $case: "ping", value: {} });
  expect(before.refusals()).toEqual([Reason.REASON_PROTOCOL]);

  const second = new Bench();
  await second.welcome();
  second.hello();
  expect(second.refusals()).toEqual([Reason.REASON_PROTOCOL]);

  const undecodable = new Bench();
  await undecodable.welcome();
  undecodable.session.receive(Uint8Array.of(0x0a, 0xff), undecodable.now);
  expect(undecodable.refusals()).toEqual([Reason.REASON_PROTOCOL]);
  expect(undecodable.session.state).toBe("closed");
});

test("a frame of a newer agent that this server does not know is a sign of life and nothing else", async () => {
  const bench = new Bench();
  await bench.welcome();
  // Field 100 of the oneof, an empty message.
  bench.session.receive(Uint8Array.of(0xa2, 0x06, 0x00), bench.now);
  expect([bench.session.state, bench.refusals()]).toEqual(["live", []]);
});

test("a slow output blocks no other", async () => {
  const bench = new Bench();
  await bench.welcome();
  for (let i = 0; i < 10; i += 1) bench.push(0);
  for (let i = 0; i < 10; i += 1) {
    bench.push(1);
    await turn();
    const last = bench.seen.at(-1) ?? 0;
    expect(bench.inHand.get(last)).toBe(2);
    bench.ack(last);
  }
  expect(bench.finished).toHaveLength(10);
});

test("a window of 0 pauses one output until it is raised", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.receive({ $case: "window", value: { output: 1, window: 0, windowBytes: 1_000 } });
  bench.push(0);
  bench.push(1);
  await turn();
  expect([...bench.inHand.values()]).toEqual([2]);
  bench.receive({ $case: "window", value: { output: 1, window: 1, windowBytes: 1_000 } });
  await turn();
  expect([...bench.inHand.values()]).toEqual([2, 1]);
});

test("a webhook larger than the whole byte window is still delivered, alone", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0, 5_000);
  bench.push(0, 5_000);
  await turn();
  expect(bench.seen).toEqual([1]);
  bench.ack(1);
  await turn();
  expect(bench.seen).toEqual([1, 2]);
});

test("draining: nothing new goes out, what is in flight is waited for, then the session ends", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0);
  await turn();
  bench.session.drain(500, "stopping");
  bench.push(0);
  await turn();
  expect(bench.seen).toEqual([1]);
  expect(bench.frames.at(-1)).toEqual({ $case: "goAway", value: { reconnectAfterMs: 500, reason: "stopping" } });
  expect(bench.session.state).toBe("draining");
  bench.ack(1);
  expect(bench.session.state).toBe("closed");
  expect(bench.finished).toHaveLength(1);
});

test("an agent that answers no ping is gone after two intervals; any frame keeps it", async () => {
  const silent = new Bench();
  await silent.welcome();
  silent.session.tick(silent.now + HEARTBEAT_MS);
  expect(silent.frames.at(-1)?.$case).toBe("ping");
  silent.session.tick(silent.now + 2 * HEARTBEAT_MS);
  expect(silent.session.state).toBe("live");
  silent.session.tick(silent.now + 2 * HEARTBEAT_MS + 1);
  expect(silent.session.state).toBe("closed");

  const alive = new Bench();
  await alive.welcome();
  for (let i = 0; i < 10; i += 1) {
    alive.now += HEARTBEAT_MS;
    alive.receive({ $case: "pong", value: {} });
    alive.session.tick(alive.now + HEARTBEAT_MS / 2);
  }
  expect(alive.session.state).toBe("live");
});

test("a stranger who says nothing is sent away after 10 s", () => {
  const bench = new Bench();
  bench.session.tick(bench.now + 10_000);
  expect(bench.session.state).toBe("greeting");
  bench.session.tick(bench.now + 10_001);
  expect(bench.session.state).toBe("closed");
});

test("an agent that leaves while it is admitted gets no welcome and keeps no output", async () => {
  const bench = new Bench();
  bench.hello();
  bench.session.end("left");
  bench.admit({ agentId: 1, epoch: 1, token: TOKEN, secretHash: "", ticket: new Uint8Array(), ticketTtlSeconds: 1 });
  await turn();
  expect(bench.frames).toEqual([]);
  expect(bench.lanes.flatMap((lane) => lane.consumers)).toEqual([]);
});

test("absurd numbers in an ack or of a retry are cut to what the database can hold", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0);
  await turn();
  const most = 0xffffffff;
  bench.announce({ sequence: 1, attempt: most });
  expect(bench.recordings.map(({ attempt }) => attempt)).toEqual([32_767]);
  bench.ack(1, { outcome: Outcome.OUTCOME_FAILED, statusCode: most, durationMs: most, tries: most });
  expect(bench.finished).toMatchObject([{ statusCode: 0, attempt: 32_767, durationMs: 2_147_483_647 }]);
});

test("a retry is allowed once its number is recorded; those recorded together are answered together", async () => {
  const bench = new Bench();
  await bench.welcome();
  for (const _ of [1, 2, 3]) bench.push(0);
  await turn();
  bench.announce({ sequence: 1, attempt: 4 }, { sequence: 2, attempt: 9 }, { sequence: 3, attempt: 4 });
  await turn();
  expect(bench.frames.at(-1)?.$case).toBe("deliveries");
  expect(bench.recordings.map(({ id, attempt }) => [id, attempt])).toEqual([
    [idOf(1), 4],
    [idOf(2), 9],
    [idOf(3), 4],
  ]);
  bench.record();
  bench.record();
  bench.record(0, false);
  await turn();
  expect(bench.frames.at(-1)).toEqual({ $case: "triesAnswer", value: { recorded: [1, 2], refused: [3] } });
  bench.announce({ sequence: 2, attempt: 10 });
  bench.record();
  await turn();
  expect(bench.frames.at(-1)).toEqual({ $case: "triesAnswer", value: { recorded: [2], refused: [] } });
  bench.session.end("over");
  expect(bench.releasedAttempts).toEqual(
    new Map([
      [idOf(1), 4],
      [idOf(2), 10],
      [idOf(3), 3],
    ]),
  );
});

test("what is never stored is numbered in the session: allowed at once, given back with its last number", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0, 10, true);
  bench.push(0, 10, true);
  await turn();
  bench.announce({ sequence: 1, attempt: 4 }, { sequence: 2, attempt: 4 });
  await turn();
  expect(bench.recordings).toEqual([]);
  expect(bench.frames.at(-1)).toEqual({ $case: "triesAnswer", value: { recorded: [1, 2], refused: [] } });
  bench.ack(1, { outcome: Outcome.OUTCOME_RETURNED });
  bench.session.end("over");
  expect([...bench.releasedAttempts.values()]).toEqual([4, 4]);
});

test("an agent that announces the same retry again and again, or one that nobody gave it, occupies nothing", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0);
  await turn();
  for (let i = 0; i < 100; i += 1) bench.announce({ sequence: 1, attempt: 4 + i }, { sequence: 50, attempt: 4 });
  expect(bench.recordings.map(({ attempt }) => attempt)).toEqual([4]);
  bench.ack(1);
  bench.record();
  await turn();
  expect(bench.frames.map(({ $case }) => $case)).not.toContain("triesAnswer");
});

test("an unknown outcome is a failure, not a success", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0);
  bench.push(0);
  await turn();
  bench.ack(1, { outcome: 0 });
  bench.ack(2, { outcome: 77 as Outcome });
  expect(bench.finished.map((each) => each.status)).toEqual([2, 2]);
});

test("an output taken away is served no more; its number is never used again; what was in flight may still be acked", async () => {
  const bench = new Bench();
  await bench.welcome();
  bench.push(0);
  await turn();
  bench.served = OUTPUTS.slice(1);
  bench.session.reconfigure(TOKEN);
  bench.served = OUTPUTS;
  bench.session.reconfigure(TOKEN);
  const lists = bench.frames.flatMap((frame) => (frame.$case === "outputs" ? [frame.value.outputs] : []));
  expect(lists.map((list) => list.map((each) => each.number))).toEqual([
    [1, 2, 3],
    [2, 3],
    [4, 2, 3],
  ]);
  bench.ack(1);
  expect(bench.finished).toHaveLength(1);
});
