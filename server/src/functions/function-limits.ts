/** What one run of a function may use. docs/functions.md holds the same table for people. */
export const FUNCTION_LIMITS = {
  /** Longest run, in milliseconds of the clock. The guest is interrupted then. */
  deadlineMs: 1_000,
  /** Milliseconds after the deadline at which the process of a guest that did not let itself be interrupted is killed. */
  killGraceMs: 500,
  /** Memory of the guest (JavaScript or Lua heap), in bytes. */
  memoryBytes: 64 << 20,
  /** Memory of the interpreter of JavaScript with all it holds, in pages of 64 KiB. */
  javascriptPages: 2_048,
  /** Stack of JavaScript, in bytes; some 1,400 calls deep. Lua has its own limit of 200 C calls and 1,000,000 slots. */
  stackBytes: 256 << 10,
  /** Source text, in bytes. */
  sourceBytes: 1 << 20,
  /** Body of the request or of the response that a function sets, in bytes. */
  bodyBytes: 10 << 20,
  /** A form that is taken apart, in bytes, and the fields that are read of it. */
  formBytes: 1 << 20,
  formFields: 1_000,
  /** Text with NUL characters that JavaScript can take as text, in characters; more is bytes. */
  nulTextLength: 1 << 20,
  /** Header lines of the request, and of the response. */
  headerCount: 200,
  /** Names and values of all header lines together, in bytes. */
  headerBytes: 64 << 10,
  /** Path or query that a function sets, in bytes once encoded. */
  addressBytes: 16 << 10,
  /** HTTP calls of a run, and milliseconds for one and for all of them together; these do not count as the run's own. */
  httpCalls: 5,
  httpCallMs: 5_000,
  httpWaitMs: 9_000,
  /** Bodies of what is sent and of what is answered, in bytes. */
  httpRequestBytes: 1 << 20,
  httpAnswerBytes: 256 << 10,
  /** Lines of the log; what comes after is counted and dropped. */
  logLines: 100,
  /** One line of the log, in characters; the rest of it is cut. */
  logLineLength: 4_096,
  /** All lines together, in characters. */
  logLength: 32 << 10,
} as const;

/** What all runs together may use. */
export const POOL_LIMITS = {
  /** Calls of one bucket that wait for a worker. */
  waitingPerBucket: 256,
  /** Calls that wait for a worker. */
  waiting: 4_096,
  /** Bodies of calls of one bucket that wait, in bytes. */
  waitingBytesPerBucket: 32 << 20,
  /** Longest wait for a worker, in milliseconds. */
  waitMs: 5_000,
  /** Workers beyond the usual number, as long as others stand still for an HTTP call. */
  extraWorkers: 8,
  /** Milliseconds after which a worker beyond the usual number that has nothing to do ends. */
  extraIdleMs: 10_000,
  /** Milliseconds in which a new worker must have loaded both languages. */
  startMs: 30_000,
  /** V8's heap in a worker, in MiB: the host side of a run. */
  workerHeapMb: 96,
  /** V8's stack in a worker, in KiB: guests overflow their own stack first. */
  workerStackKb: 3_000,
  /** A worker that holds more than this after a run, in bytes, is replaced. */
  workerRssBytes: 512 << 20,
} as const;
