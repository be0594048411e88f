import type { RunToken } from "../run-token.js";

/** What terraform keeps of a run's token between calls: no secret. */
export function runTokenBytes(token: RunToken): Buffer {
  return Buffer.from(JSON.stringify(token));
}

/** The reverse. */
export function runTokenOf(bytes: Uint8Array | undefined): RunToken {
  return JSON.parse(Buffer.from(bytes ?? []).toString("utf8")) as RunToken;
}
