import { withoutCredentials } from "@relay/server/destination";
import { type Ack, type Delivery, Outcome, type Output, type TriesAnswer } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";
import { createAckBatch } from "./ack-batch.js";
import type { AllowList } from "./allow-list.js";
import { deliveryKey } from "./delivery-id.js";
import { Job } from "./job.js";
import type { Ledger } from "./ledger.js";
import { type JobEnd, OutputQueue } from "./output-queue.js";
import { reportedAnswer } from "./reported-answer.js";
import type { RetryPolicy } from "./retry-policy.js";
import { createTryBatch } from "./try-batch.js";

/** One finished delivery, for the terminal. */
export interface ForwardReport {
  readonly deliveryId: string;
  readonly bucket: string;
  readonly output: string;
  readonly destination: string;
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
  readonly outcome: Outcome;
  readonly status: number;
  readonly durationMs: number;
  readonly attempt: number;
  readonly tries: number;
  readonly error: string;
}

export interface ForwarderOptions {
  readonly ledger: Ledger;
  readonly allow: AllowList | null;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  /** What Hello announces: the most the server may have outstanding per output. */
  readonly window: number;
  /** Null when nobody looks: then no report is made. */
  readonly report: ((report: ForwardReport) => void) | null;
  /** An output that this agent will not call, and why. */
  onRefusedOutput(output: Output, reason: string): void;
  /** Monotonic milliseconds and Unix milliseconds. */
  now(): number;
  wallClock(): number;
}

/** Takes deliveries of the link's sessions, calls destinations, answers. Outlives sessions; never calls one delivery twice at a time. */
export interface Forwarder {
  sessionStarted(session: LinkSession): void;
  outputs(outputs: readonly Output[]): void;
  deliveries(deliveries: readonly Delivery[]): void;
  triesAnswered(answer: TriesAnswer): void;
  /** Forgets what is not being called: the server will deliver it again. Calls in flight go on, for the ledger. */
  sessionEnded(): void;
  /**
   * Takes nothing more of this session, but finishes what is in hand; resolves when all of it is done and acked, when
   * the session has ended, or after `limitMs`: what is left then comes again by the next session.
   */
  finishSession(limitMs: number): Promise<void>;
  /** Stops taking deliveries, returns those not started; resolves when no call is in flight and every ack was sent. */
  drain(): Promise<void>;
  /** Gives up calls in flight and releases connections. */
  close(): void;
  readonly running: number;
}

const EXPIRY_MS = 100;
/** Grace over the announced window before the server counts as broken: one frame that crossed a Window on its way. */
const WINDOW_SLACK = 512;

/** A forwarder with no session yet. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const batch = createAckBatch(options.ledger, options.window);
  const tries = createTryBatch();
  /** By output id: queues outlive the numbers of a session. */
  const queues = new Map<string, OutputQueue>();
  let numbers = new Map<number, OutputQueue>();
  /** Queues of outputs that are served no longer, until their last call has ended. */
  const retired = new Set<OutputQueue>();
  const inHand = new Map<string, Job>();
  let session: LinkSession | null = null;
  let draining = false;
  let onIdle: (() => void) | null = null;
  let onFinished: (() => void) | null = null;
  /** The server has sent what it had sent before it knew of the closed window. */
  let allReceived = false;

  const expiry = setInterval(() => {
    const now = options.now();
    for (const queue of queues.values()) queue.expire(now);
    for (const queue of retired) {
      queue.expire(now);
      if (queue.running === 0) retired.delete(queue);
    }
  }, EXPIRY_MS);
  expiry.unref();

  const running = (): number => {
    let sum = 0;
    for (const queue of queues.values()) sum += queue.running;
    for (const queue of retired) sum += queue.running;
    return sum;
  };

  const onEnd = (job: Job, end: JobEnd, output: Output): void => {
    inHand.delete(job.key);
    const durationMs = job.startedAt === 0 ? 0 : Math.max(0, Math.round(options.now() - job.startedAt));
    options.ledger.add(job.key, {
      id: job.id,
      finishedAtMs: options.wallClock(),
      durationMs,
      statusCode: end.status,
      outcome: end.outcome,
    });
    batch.schedule();
    answer(job, end, durationMs);
    options.report?.({
      deliveryId: job.idText,
      bucket: output.bucketName,
      output: output.name,
      destination: withoutCredentials(output.destination),
      method: job.method,
      path: job.path,
      bytes: job.bodyBytes,
      outcome: end.outcome,
      status: end.status,
      durationMs,
      attempt: job.tries === 0 ? job.attempt : job.lastAttempt,
      tries: job.tries,
      error: end.error,
    });
    if (onIdle !== null) setImmediate(checkIdle);
    checkFinished();
  };

  const checkFinished = (): void => {
    if (onFinished === null || !allReceived || inHand.size > 0) return;
    batch.flush();
    onFinished();
  };

  const checkIdle = (): void => {
    if (onIdle === null || running() > 0) return;
    batch.flush();
    const done = onIdle;
    onIdle = null;
    done();
  };

  const answer = (job: Job, end: JobEnd, durationMs: number): void => {
    if (job.session === null || job.session !== session) return;
    const ack: Ack = {
      sequence: job.sequence,
      outcome: end.outcome,
      statusCode: end.status,
      durationMs,
      tries: job.reportedTries,
      error: end.error,
      response: reportedAnswer(job, end, (body) => session?.sendAnswerPart(job.sequence, body)),
      fromLedger: false,
    };
    batch.add(job.session, ack);
    for (const sequence of job.also ?? []) batch.add(job.session, { ...ack, sequence, response: undefined });
  };

  const giveBack = (to: LinkSession, sequence: number): void => batch.add(to, returned(sequence));

  const announce = (job: Job, onAnswer: (mayTry: boolean) => void): void => {
    if (job.session === null) return;
    tries.announce(job.session, { sequence: job.sequence, attempt: job.nextAttempt }, onAnswer);
  };

  const onRefused = (job: Job): void => {
    inHand.delete(job.key);
    if (job.session === null || job.session !== session) return;
    for (const sequence of [job.sequence, ...(job.also ?? [])]) giveBack(job.session, sequence);
    checkFinished();
  };

  const take = (delivery: Delivery, from: LinkSession): void => {
    const key = deliveryKey(delivery.id);
    const present = inHand.get(key);
    if (present !== undefined) {
      if (present.session === from) present.also = [...(present.also ?? []), present.sequence];
      else present.also = null;
      present.session = from;
      present.sequence = delivery.sequence;
      present.attempt = Math.max(present.attempt, delivery.attempt);
      present.answerWanted ||= delivery.answerWanted;
      return;
    }
    const known = options.ledger.findDelivered(key);
    if (known !== undefined) {
      batch.add(from, {
        ...returned(delivery.sequence),
        outcome: Outcome.OUTCOME_DELIVERED,
        statusCode: known.statusCode,
        durationMs: known.durationMs,
        fromLedger: true,
      });
      return;
    }
    const queue = numbers.get(delivery.output);
    if (queue === undefined || draining) {
      giveBack(from, delivery.sequence);
      return;
    }
    if (queue.size >= options.window + WINDOW_SLACK) {
      from.reject(`the server sent more than the ${options.window} deliveries this agent has room for`);
      return;
    }
    const job = new Job(delivery, from);
    inHand.set(key, job);
    queue.push(job);
  };

  return {
    sessionStarted(started) {
      session = started;
      numbers = new Map();
    },
    outputs(outputs) {
      const present = new Set<string>();
      numbers = new Map();
      for (const output of outputs) {
        present.add(output.id);
        let queue = queues.get(output.id);
        if (queue === undefined) {
          queue = new OutputQueue(output, {
            ...options,
            defaultTimeoutMs: options.timeoutMs,
            announce,
            onRefused,
            onEnd,
          });
          queues.set(output.id, queue);
          if (queue.refusal !== null) options.onRefusedOutput(output, queue.refusal);
        } else {
          const before = queue.refusal;
          queue.configure(output);
          if (queue.refusal !== null && queue.refusal !== before) options.onRefusedOutput(output, queue.refusal);
        }
        numbers.set(output.number, queue);
        if (draining || onFinished !== null) session?.sendWindow(output.number, 0, 0);
      }
      for (const [id, queue] of queues) {
        if (present.has(id)) continue;
        for (const job of queue.takeUnstarted()) {
          inHand.delete(job.key);
          if (job.session !== null && job.session === session) giveBack(job.session, job.sequence);
        }
        queue.stopRetrying();
        queue.close();
        queues.delete(id);
        retired.add(queue);
      }
    },
    deliveries(deliveries) {
      if (session === null) return;
      for (const delivery of deliveries) take(delivery, session);
    },
    triesAnswered: tries.answered,
    finishSession(limitMs) {
      const finishing = session;
      if (finishing === null) return Promise.resolve();
      allReceived = false;
      for (const number of numbers.keys()) finishing.sendWindow(number, 0, 0);
      return new Promise((resolve) => {
        const limit = setTimeout(() => onFinished?.(), limitMs);
        onFinished = () => {
          clearTimeout(limit);
          onFinished = null;
          resolve();
        };
        finishing.roundTrip(() => {
          allReceived = true;
          checkFinished();
        });
      });
    },
    sessionEnded() {
      session = null;
      onFinished?.();
      tries.forget();
      numbers = new Map();
      for (const queue of queues.values()) {
        for (const job of queue.takeUnstarted()) inHand.delete(job.key);
      }
      for (const job of inHand.values()) job.session = null;
    },
    drain() {
      draining = true;
      for (const number of numbers.keys()) session?.sendWindow(number, 0, 0);
      for (const queue of queues.values()) {
        queue.stopRetrying();
        for (const job of queue.takeUnstarted()) {
          inHand.delete(job.key);
          if (job.session !== null && job.session === session) giveBack(job.session, job.sequence);
        }
      }
      return new Promise((resolve) => {
        onIdle = resolve;
        setImmediate(checkIdle);
      });
    },
    close() {
      clearInterval(expiry);
      for (const queue of [...queues.values(), ...retired]) {
        queue.takeUnstarted();
        queue.stopRetrying();
        queue.cancelAll();
        queue.close();
      }
      batch.flush();
    },
    get running() {
      return running();
    },
  };
}

function returned(sequence: number): Ack {
  return {
    sequence,
    outcome: Outcome.OUTCOME_RETURNED,
    statusCode: 0,
    durationMs: 0,
    tries: 0,
    error: "",
    response: undefined,
    fromLedger: false,
  };
}
