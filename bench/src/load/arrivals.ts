import { createHistogram, type Histogram, type Percentiles } from "../measure/histogram.js";
import { readStamp, STAMP_HEADER } from "./stamp.js";

export interface ArrivalsReport {
  /** Distinct sequence numbers since the last begin. */
  readonly distinct: number;
  readonly duplicates: number;
  /** Duplicates whose delivery id differs from the first one's, or whose attempt number did not grow. */
  readonly violations: readonly string[];
  /** Requests without a readable stamp. */
  readonly unreadable: number;
  /** From the moment the request was due to its first arrival; requests told to sleep are left out. */
  readonly latency: Percentiles;
  /** First arrivals more than a second after they were due. */
  readonly late: number;
}

/** Takes part of the sequence numbers from `first` on. */
export interface SequenceRange {
  readonly first: number;
  readonly count: number;
  /** Sequence numbers that were not answered and may be missing. */
  readonly except: readonly number[];
}

export interface Arrivals {
  /** Counts from here on only sequence numbers from `firstSequence`. `trace` keeps ids and attempts per number. */
  begin(options: { firstSequence: number; trace: boolean }): void;
  /** Records a request head; returns its sequence number, or -1. */
  record(head: string, nowMicros: number, slept: (sequence: number) => boolean): number;
  report(): ArrivalsReport;
  /** The sequence numbers of a range that did not arrive. */
  missing(range: SequenceRange): number[];
}

const STAMP_PREFIX = `\r\n${STAMP_HEADER}: `;
const SHOWN_VIOLATIONS = 20;

function headerValue(head: string, name: string): string {
  const at = head.toLowerCase().indexOf(`\r\n${name}:`);
  if (at < 0) return "";
  const from = at + name.length + 3;
  return head.slice(from, head.indexOf("\r\n", from)).trim();
}

/** Book-keeping of the destination: what arrived, how late, how often. */
export function createArrivals(): Arrivals {
  let seen = new Uint8Array(1 << 16);
  let firstSequence = 0;
  let trace = false;
  let distinct = 0;
  let duplicates = 0;
  let unreadable = 0;
  const latency: Histogram = createHistogram();
  const violations: string[] = [];
  const traces = new Map<number, { id: string; attempt: number }>();

  function follow(sequence: number, head: string): void {
    const id = headerValue(head, "x-relay-delivery-id");
    const attempt = Number(headerValue(head, "x-relay-attempt"));
    const before = traces.get(sequence);
    let problem = "";
    if (id === "") problem = `${sequence}: no X-Relay-Delivery-Id`;
    else if (!(attempt >= 1)) problem = `${sequence}: X-Relay-Attempt is not a number from 1 on`;
    else if (before !== undefined && before.id !== id) problem = `${sequence}: came as ${before.id} and as ${id}`;
    else if (before !== undefined && before.attempt >= attempt) {
      problem = `${sequence}: attempt ${attempt} came after attempt ${before.attempt}`;
    }
    if (problem !== "" && violations.length < SHOWN_VIOLATIONS) violations.push(problem);
    traces.set(sequence, { id, attempt });
  }

  return {
    begin(options) {
      firstSequence = options.firstSequence;
      trace = options.trace;
      distinct = 0;
      duplicates = 0;
      unreadable = 0;
      violations.length = 0;
      latency.reset();
    },
    record(head, nowMicros, slept) {
      let at = head.indexOf(STAMP_PREFIX);
      if (at < 0) at = head.toLowerCase().indexOf(STAMP_PREFIX.toLowerCase());
      const stamp = at < 0 ? undefined : readStamp(head, at + STAMP_PREFIX.length);
      if (stamp === undefined) {
        unreadable += 1;
        return -1;
      }
      const { sequence, micros } = stamp;
      if (sequence >= seen.length) {
        const larger = new Uint8Array(Math.max(seen.length * 2, sequence + 1));
        larger.set(seen);
        seen = larger;
      }
      const times = seen[sequence] ?? 0;
      if (times < 255) seen[sequence] = times + 1;
      if (sequence >= firstSequence) {
        if (times > 0) duplicates += 1;
        else {
          distinct += 1;
          if (!slept(sequence)) latency.record(nowMicros - micros);
        }
      }
      if (trace) follow(sequence, head);
      return sequence;
    },
    report: () => ({
      distinct,
      duplicates,
      violations: [...violations],
      unreadable,
      latency: latency.summary(),
      late: latency.countAbove(1_000_000),
    }),
    missing({ first, count, except }) {
      const excused = new Set(except);
      const missing: number[] = [];
      for (let sequence = first; sequence < first + count; sequence += 1) {
        if ((seen[sequence] ?? 0) === 0 && !excused.has(sequence)) missing.push(sequence);
      }
      return missing;
    },
  };
}
