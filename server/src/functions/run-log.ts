import { FUNCTION_LIMITS } from "./function-limits.js";
import type { LogLevel, LogLine } from "./function-result.js";

/** The log of one run, bounded: lines that are too long are cut, lines that are too many are counted. */
export class RunLog {
  readonly #lines: LogLine[] = [];
  #length = 0;
  #dropped = 0;

  write(level: LogLevel, text: string): void {
    if (this.#lines.length >= FUNCTION_LIMITS.logLines || this.#length >= FUNCTION_LIMITS.logLength) {
      this.#dropped += 1;
      return;
    }
    const room = Math.min(FUNCTION_LIMITS.logLineLength, FUNCTION_LIMITS.logLength - this.#length);
    const kept = text.length > room ? `${text.slice(0, room)}…` : text;
    this.#length += kept.length;
    this.#lines.push({ level, text: kept });
  }

  /** All lines, with a last one that tells how many are missing. */
  lines(): readonly LogLine[] {
    if (this.#dropped === 0) return this.#lines;
    const lines = `${this.#dropped} more line${this.#dropped === 1 ? " was" : "s were"} dropped`;
    return [...this.#lines, { level: "warn", text: `${lines}: a run may log ${FUNCTION_LIMITS.logLines} lines` }];
  }
}
