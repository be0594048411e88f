import { readSync, writeSync } from "node:fs";
import type { HttpAnswer, HttpAsk } from "../http-ask.js";
import { ASK_FD, decodeAnswer, encodeAsk, LENGTHS_BYTES, readLengths } from "./ask-frames.js";

/** A guest cannot be left and entered again: while its call is made, the whole process stands still in these reads. */
export function askParent(ask: HttpAsk): HttpAnswer {
  writeAll(encodeAsk(ask));
  const { head, body } = readLengths(readExactly(LENGTHS_BYTES));
  return decodeAnswer(readExactly(head), readExactly(body));
}

function writeAll(bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += again(() => writeSync(ASK_FD, bytes, written));
}

function readExactly(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = again(() => readSync(ASK_FD, bytes, read, length - read, null));
    // The parent is gone, and nobody waits for what this process does.
    if (count === 0) process.exit(0);
    read += count;
  }
  return bytes;
}

const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/** The socket blocks; should a system hand it over in the other mode, this waits a millisecond at a time. */
function again(attempt: () => number): number {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE" || code === "ECONNRESET") process.exit(0);
      if (code !== "EAGAIN" && code !== "EINTR") throw error;
      Atomics.wait(SLEEP, 0, 0, 1);
    }
  }
}
