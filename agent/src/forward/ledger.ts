import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Outcome } from "@relay/server/wire";
import { deliveryKey } from "./delivery-id.js";
import { type LedgerRecord, RECORD_BYTES, readRecord, writeRecord } from "./ledger-record.js";

/**
 * What this agent has finished, so that a redelivery after a crash or a lost link is answered without calling the destination
 * again. Two append-only generations of fixed-size records: when the current one holds 20,000 or is 24 hours old it becomes
 * the previous one. Records are written before the acks of their batch leave the process and are not fsynced: the threat is
 * the end of this process, not of the machine. A machine that loses power may repeat the deliveries of its last seconds,
 * with the same delivery ids.
 */
export interface Ledger {
  /** The delivered record of an id, or undefined when it was never delivered or is too old. */
  findDelivered(key: string): Delivered | undefined;
  /** Remembers a finished delivery, `key` being its id's; on disk after `flush`. */
  add(key: string, record: LedgerRecord): void;
  /** Writes what was added. Call before the acks are sent. Never throws: a full disk costs duplicates, not deliveries. */
  flush(): void;
  close(): void;
}

/** What the ledger knows of a delivery that its destination took. */
export type Delivered = Pick<LedgerRecord, "finishedAtMs" | "durationMs" | "statusCode">;

export interface LedgerOptions {
  /** Directory of the files, which must exist; null keeps the ledger in memory only. */
  readonly directory: string | null;
  /** Unix milliseconds. */
  now(): number;
  /** Called when writing starts to fail, once until it works again. */
  onWriteError(error: Error): void;
  /** Records per generation. */
  readonly capacity?: number;
}

const CAPACITY = 20_000;
const OLDEST_MS = 24 * 60 * 60 * 1000;

/** Records as they are on disk, and where to find the delivered ones: objects would keep the garbage collector busy. */
interface Generation {
  bytes: Buffer;
  used: number;
  /** How much of `bytes` is in the file. */
  written: number;
  readonly delivered: Map<string, number>;
  /** Unix milliseconds of its first record. */
  readonly startedAtMs: number;
}

/** Opens the ledger of a directory: reads both generations, drops a torn tail. Throws when the files cannot be used. */
export function openLedger(options: LedgerOptions): Ledger {
  const capacity = options.capacity ?? CAPACITY;
  const currentPath = options.directory === null ? null : join(options.directory, "ledger.current");
  const previousPath = options.directory === null ? null : join(options.directory, "ledger.previous");
  let previous = emptyGeneration(0, options.now());
  let current = emptyGeneration(capacity, options.now());
  let file: number | null = null;
  let failing = false;

  if (currentPath !== null && previousPath !== null) {
    previous = load(previousPath, options.now());
    current = load(currentPath, options.now());
    file = openSync(currentPath, "a", 0o600);
    // Appending behind half a record would shift every later one.
    dropTornTail(file);
  }

  const rotate = (): void => {
    previous = current;
    current = emptyGeneration(capacity, options.now());
    if (file === null || currentPath === null || previousPath === null) return;
    closeSync(file);
    file = null;
    renameSync(currentPath, previousPath);
    file = openSync(currentPath, "a", 0o600);
  };

  const write = (): void => {
    // A rotation that failed half-way left no open file.
    if (currentPath !== null && file === null) file = openSync(currentPath, "a", 0o600);
    if (file === null) return;
    while (current.written < current.used) {
      current.written += writeSync(file, current.bytes, current.written, current.used - current.written);
    }
  };

  const find = (generation: Generation, key: string): Delivered | undefined => {
    const at = generation.delivered.get(key);
    const record = at === undefined ? null : readRecord(generation.bytes, at);
    if (record === null || options.now() - record.finishedAtMs > OLDEST_MS) return undefined;
    return record;
  };

  return {
    findDelivered: (key) => find(current, key) ?? find(previous, key),
    add(key, record) {
      if (current.used + RECORD_BYTES > current.bytes.length) {
        const larger = Buffer.allocUnsafe(Math.max(64 * RECORD_BYTES, current.bytes.length * 2));
        current.bytes.copy(larger, 0, 0, current.used);
        current.bytes = larger;
      }
      writeRecord(current.bytes, current.used, record);
      if (record.outcome === Outcome.OUTCOME_DELIVERED) current.delivered.set(key, current.used);
      current.used += RECORD_BYTES;
    },
    flush() {
      const full = current.used >= capacity * RECORD_BYTES;
      const due = full || (current.used > 0 && options.now() - current.startedAtMs > OLDEST_MS);
      if (current.written === current.used && !due) return;
      try {
        write();
        if (due) rotate();
        failing = false;
      } catch (error) {
        if (!failing) options.onWriteError(error as Error);
        failing = true;
        if (file !== null) dropTornTail(file);
        // What could not be written stays known in memory only.
        current.written = current.used;
      }
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

function emptyGeneration(records: number, nowMs: number): Generation {
  const bytes = Buffer.allocUnsafe(records * RECORD_BYTES);
  return { bytes, used: 0, written: 0, delivered: new Map(), startedAtMs: nowMs };
}

/** Cuts what a crash or a failed write left of the last record. */
function dropTornTail(file: number): void {
  const { size } = fstatSync(file);
  if (size % RECORD_BYTES !== 0) ftruncateSync(file, size - (size % RECORD_BYTES));
}

function load(path: string, nowMs: number): Generation {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const used = bytes.length - (bytes.length % RECORD_BYTES);
  const delivered = new Map<string, number>();
  let startedAtMs: number | null = null;
  for (let at = 0; at < used; at += RECORD_BYTES) {
    const record = readRecord(bytes, at);
    if (record === null) continue;
    startedAtMs ??= record.finishedAtMs;
    if (record.outcome === Outcome.OUTCOME_DELIVERED) delivered.set(deliveryKey(record.id), at);
  }
  return { bytes, used, written: used, delivered, startedAtMs: startedAtMs ?? nowMs };
}
