import { setTimeout as sleep } from "node:timers/promises";
import { nowMicros } from "../measure/clock.js";
import { createHistogram, type Percentiles } from "../measure/histogram.js";
import { type LoadConnection, openLoadConnection } from "./load-connection.js";
import { startPacer } from "./pacer.js";
import { type PayloadKind, payloadOf } from "./payload.js";
import { requestTemplate } from "./request-template.js";

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  /** Several: the connections take them in turn. */
  readonly path: string | readonly string[];
  readonly payload: PayloadKind;
  readonly durationMs: number;
  readonly firstSequence: number;
  /** Closed loop: so many connections, each sends when it is answered. Open loop: so many at the start. */
  readonly connections: number;
  /** Open loop: requests per second at constant distance, whatever the answers do. 0: closed loop. */
  readonly rate: number;
  /** Connections an open loop may open when answers are late. Default 1,000. */
  readonly maxConnections?: number;
}

export interface LoadResult {
  readonly firstSequence: number;
  /** Requests sent: the sequence numbers from firstSequence on. */
  readonly sent: number;
  /** Open loop: requests that were due but never found a connection. */
  readonly unsent: number;
  readonly answered: number;
  /** Answered with 200 before the time was over. */
  readonly answeredInTime: number;
  readonly seconds: number;
  /** How many answers of each status other than 200. */
  readonly refused: Readonly<Record<string, number>>;
  /** Connections that broke or answers that made no sense. */
  readonly errors: number;
  readonly firstError: string;
  /** Sequence numbers sent but not answered with 200. */
  readonly unanswered: readonly number[];
  /** From the moment a request was due to its answer. */
  readonly latency: Percentiles;
  /** From the moment a request was due to its sending: the generator's own lateness. */
  readonly lateness: Percentiles;
}

const OPEN_LOOP_MAX = 1_000;

/** How long the last answers are waited for, in milliseconds. */
const LAST_ANSWERS_MS = 30_000;

/** Runs one load, for its time or until the signal, and resolves when every request sent was answered or failed. */
export async function runLoad(options: LoadOptions, signal?: AbortSignal): Promise<LoadResult> {
  const { host, port, path, durationMs, firstSequence, rate, maxConnections = OPEN_LOOP_MAX } = options;
  const body = payloadOf(options.payload);
  const paths = typeof path === "string" ? [path] : path;
  const templates = paths.map((each) => requestTemplate({ host: `${host}:${port}`, path: each, body }));
  const latency = createHistogram();
  const lateness = createHistogram();
  const refused: Record<string, number> = {};
  const unanswered = new Set<number>();
  const connections: LoadConnection[] = [];
  const free = new Set<LoadConnection>();
  let sent = 0;
  let due = 0;
  let answered = 0;
  let answeredInTime = 0;
  let errors = 0;
  let firstError = "";
  const distance = rate > 0 ? 1e6 / rate : 0;

  // Nothing is due before the connections are asked for and, in an open loop, the pacer runs.
  let start = Number.POSITIVE_INFINITY;
  let end = Number.POSITIVE_INFINITY;

  function send(connection: LoadConnection, now: number, dueAt: number): void {
    const sequence = firstSequence + sent;
    sent += 1;
    unanswered.add(sequence);
    if (rate > 0) lateness.record(now - dueAt);
    connection.send(sequence, Math.round(dueAt));
  }

  function sendDue(): void {
    const now = nowMicros();
    due = Math.floor((Math.min(now, end) - start) / distance);
    while (sent < due) {
      const connection: LoadConnection | undefined = free.values().next().value;
      if (connection === undefined) {
        // Connections on their way count: one per waiting request is enough.
        if (connections.length < Math.min(maxConnections, unanswered.size + due - sent)) addConnection();
        return;
      }
      free.delete(connection);
      send(connection, now, start + (sent + 1) * distance);
    }
  }

  function addConnection(): void {
    const template = templates[connections.length % templates.length];
    if (template === undefined) throw new Error("load: no path to post to");
    connections.push(
      openLoadConnection({ host, port }, template, {
        onFree(connection) {
          const now = nowMicros();
          if (rate > 0) {
            free.add(connection);
            sendDue();
          } else if (now < end) send(connection, now, now);
        },
        onAnswer(sequence, micros, status) {
          const now = nowMicros();
          latency.record(now - micros);
          if (status === 200) {
            unanswered.delete(sequence);
            answered += 1;
            if (now <= end) answeredInTime += 1;
          } else refused[status] = (refused[status] ?? 0) + 1;
          settled += 1;
        },
        onError(connection, sequence, error) {
          free.delete(connection);
          errors += 1;
          if (firstError === "") firstError = error.message;
          if (sequence !== undefined) settled += 1;
        },
      }),
    );
  }

  let settled = 0;
  const pacer = rate > 0 ? await startPacer(Math.max(0.5, 1000 / rate), sendDue) : undefined;
  start = pacer?.startMicros ?? nowMicros();
  end = start + durationMs * 1000;
  for (let i = 0; i < options.connections; i += 1) addConnection();
  await sleep((end - nowMicros()) / 1000, undefined, signal === undefined ? {} : { signal }).catch(() => {
    end = nowMicros();
  });
  if (rate > 0) sendDue();
  await pacer?.stop();
  const giveUp = Date.now() + LAST_ANSWERS_MS;
  while (settled < sent && Date.now() < giveUp) await sleep(5);
  for (const connection of connections) connection.close();

  return {
    firstSequence,
    sent,
    unsent: rate > 0 ? Math.max(0, Math.floor((end - start) / distance) - sent) : 0,
    answered,
    answeredInTime,
    seconds: (end - start) / 1e6,
    refused,
    errors,
    firstError,
    unanswered: [...unanswered],
    latency: latency.summary(),
    lateness: lateness.summary(),
  };
}
