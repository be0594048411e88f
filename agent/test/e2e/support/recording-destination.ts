import { createServer, type IncomingMessage } from "node:http";
import { type Listening, listenOnLoopback } from "../../../../server/test/support/listen-on-loopback.js";
import { waitFor } from "../../../../server/test/support/wait-for.js";
import { SEQUENCE } from "./steady-load.js";

/** A call of the destination. */
export interface Arrival {
  /** What the sender numbered the webhook with. */
  readonly sequence: number;
  readonly deliveryId: string;
  readonly attempt: number;
  readonly path: string;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

export interface RecordingDestination extends Listening {
  /** Every call in the order in which they came, also those still unanswered. */
  readonly arrivals: readonly Arrival[];
  /** Calls that were answered. */
  readonly answered: number;
  /** Of these numbers, those that never arrived. */
  missing(sequences: Iterable<number>): number[];
  /** Waits until all of them arrived; rejects with what is missing when they do not in time. */
  allArrived(sequences: readonly number[], timeoutMs?: number): Promise<void>;
  /** Calls that came more than once without being recognisable: another delivery id, or an attempt number that did not grow. */
  unrecognisable(): string[];
  /** Answers the calls that have been waiting for ever. */
  answerWaiting(): void;
  /** Calls on top of the first of each webhook. */
  duplicates(): number;
}

/**
 * A destination that remembers who called. `delay` says how many milliseconds a call takes; infinite ones wait for
 * `answerWaiting`. `status` is what a call is answered with.
 */
export async function startRecordingDestination(
  delay: (arrival: Arrival) => number = () => 0,
  status: (arrival: Arrival) => number = () => 200,
): Promise<RecordingDestination> {
  const arrivals: Arrival[] = [];
  const waiting: (() => void)[] = [];
  let answered = 0;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const arrival = readArrival(request);
    arrivals.push(arrival);
    request.resume();
    const answer = (): void => {
      answered += 1;
      response.writeHead(status(arrival), { "content-length": 0 }).end();
    };
    const ms = delay(arrival);
    if (ms === 0) request.on("end", answer);
    else if (Number.isFinite(ms)) setTimeout(answer, ms);
    else waiting.push(answer);
  });
  const missing = (sequences: Iterable<number>): number[] => {
    const arrived = new Set(arrivals.map(({ sequence }) => sequence));
    return [...sequences].filter((sequence) => !arrived.has(sequence));
  };
  return {
    ...(await listenOnLoopback(server)),
    arrivals,
    get answered() {
      return answered;
    },
    missing,
    answerWaiting() {
      for (const answer of waiting.splice(0)) answer();
    },
    async allArrived(sequences, timeoutMs = 15_000) {
      await waitFor("every webhook to arrive", () => missing(sequences).length === 0, { timeoutMs }).catch(() => {
        const lost = missing(sequences);
        if (lost.length === 0) return;
        const shown = lost.slice(0, 20).join(", ");
        throw new Error(
          `${lost.length} of ${sequences.length} did not arrive within ${timeoutMs / 1000} s: ${shown} ...`,
        );
      });
    },
    unrecognisable: () => unrecognisable(arrivals),
    duplicates: () => arrivals.length - new Set(arrivals.map(({ sequence }) => sequence)).size,
  };
}

function readArrival({ headers, url = "" }: IncomingMessage): Arrival {
  return {
    sequence: Number(headers[SEQUENCE]),
    deliveryId: String(headers["x-relay-delivery-id"]),
    attempt: Number(headers["x-relay-attempt"]),
    path: url,
    at: performance.now(),
  };
}

function unrecognisable(arrivals: readonly Arrival[]): string[] {
  const last = new Map<string, Arrival>();
  const wrong: string[] = [];
  for (const arrival of arrivals) {
    // One webhook may go to several outputs: their paths tell them apart.
    const key = `${arrival.sequence} ${arrival.path}`;
    const before = last.get(key);
    last.set(key, arrival);
    if (before === undefined) continue;
    if (before.deliveryId !== arrival.deliveryId) {
      wrong.push(`webhook ${key} came as ${before.deliveryId} and as ${arrival.deliveryId}`);
    } else if (arrival.attempt <= before.attempt) {
      wrong.push(`webhook ${key} came as attempt ${before.attempt} and again as attempt ${arrival.attempt}`);
    }
  }
  return wrong;
}
