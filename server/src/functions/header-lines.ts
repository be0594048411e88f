import { FUNCTION_LIMITS } from "./function-limits.js";
import { GuestMistake } from "./guest-mistake.js";
import { RunStopped } from "./run-stopped.js";

export type HeaderLine = readonly [name: string, value: string];

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;

/** RFC 9110, section 5.5: no control characters but the tab, one byte per character. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that whoever sends the message makes anew: a function that sets them would break the framing. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Header lines in their order, changed by a function. */
export class HeaderLines {
  #lines: HeaderLine[];

  constructor(lines: readonly HeaderLine[]) {
    this.#lines = [...lines];
  }

  get lines(): readonly HeaderLine[] {
    return this.#lines;
  }

  /** All values of a header in their order. */
  values(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#lines.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  /** The names, each once, spelled as it came first. */
  names(): string[] {
    const names = new Map<string, string>();
    for (const [name] of this.#lines) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    return [...names.values()];
  }

  /** One line instead of all lines of that name, at the place of the first. False: the relay makes that header itself. */
  set(name: string, value: string): boolean {
    if (!TOKEN.test(name)) throw new GuestMistake(`${JSON.stringify(name.slice(0, 80))} is no header name`);
    if (!VALUE.test(value)) {
      throw new GuestMistake(`the value of header ${name} has a line break or a character that headers cannot carry`);
    }
    const wanted = name.toLowerCase();
    if (FRAMING.has(wanted)) return false;
    const at = this.#lines.findIndex(([key]) => key.toLowerCase() === wanted);
    const rest = (lines: HeaderLine[]) => lines.filter(([key]) => key.toLowerCase() !== wanted);
    const before = at === -1 ? this.#lines : this.#lines.slice(0, at);
    const after = at === -1 ? [] : this.#lines.slice(at + 1);
    const changed = [...before, [name, value] as const, ...rest(after)];
    requireRoom(changed);
    this.#lines = changed;
    return true;
  }

  delete(name: string): void {
    const wanted = name.toLowerCase();
    this.#lines = this.#lines.filter(([key]) => key.toLowerCase() !== wanted);
  }
}

function requireRoom(lines: readonly HeaderLine[]): void {
  const bytes = lines.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (lines.length <= FUNCTION_LIMITS.headerCount && bytes <= FUNCTION_LIMITS.headerBytes) return;
  const most = `${FUNCTION_LIMITS.headerCount} lines and ${FUNCTION_LIMITS.headerBytes >> 10} KiB`;
  throw new RunStopped("output", `the function set more headers than ${most}`);
}
