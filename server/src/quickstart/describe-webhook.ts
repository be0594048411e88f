import { isUtf8 } from "node:buffer";
import type { Colours } from "./colours.js";

export interface ReceivedWebhook {
  readonly method: string;
  /** Path with query, as it arrived. */
  readonly target: string;
  /** Name, value, name, value, …, as node:http's rawHeaders. */
  readonly rawHeaders: readonly string[];
  /** At most `MAX_SHOWN_BYTES` of the body. */
  readonly head: Uint8Array;
  /** Length of the whole body. */
  readonly bytes: number;
  /** Milliseconds since the server took the webhook; undefined when it is not known. */
  readonly latencyMs: number | undefined;
}

/** How much of a body is shown. */
export const MAX_SHOWN_BYTES = 2_048;

const HEX_BYTES = 64;

/** A webhook for people: a line with method, path and latency, then its headers, then its body. */
export function describeWebhook(webhook: ReceivedWebhook, at: Date, colours: Colours): string {
  const latency = webhook.latencyMs === undefined ? "" : `  ${webhook.latencyMs} ms after it was received`;
  const target = printable(webhook.target);
  const lines = [
    `${colours.dim(at.toTimeString().slice(0, 8))}  ${colours.bold(`${printable(webhook.method)} ${target}`)}${colours.dim(latency)}`,
  ];
  for (let i = 0; i + 1 < webhook.rawHeaders.length; i += 2) {
    lines.push(
      `  ${colours.dim(`${printable(webhook.rawHeaders[i] ?? "")}:`)} ${printable(webhook.rawHeaders[i + 1] ?? "")}`,
    );
  }
  lines.push("", ...describeBody(webhook).map((line) => `  ${line}`), "");
  return lines.join("\n");
}

function describeBody({ head, bytes }: ReceivedWebhook): string[] {
  if (bytes === 0) return ["(no body)"];
  const cut = bytes > head.length;
  const text = asText(head, cut);
  if (text === undefined) {
    const hex = Buffer.from(head.subarray(0, HEX_BYTES))
      .toString("hex")
      .replace(/(..)(?=.)/g, "$1 ");
    return [`(${bytes} bytes, not text) ${hex}${bytes > HEX_BYTES ? " …" : ""}`];
  }
  const lines = text.split(/\r?\n/).map((line) => printable(line));
  if (cut) lines.push(`… (${bytes} bytes, the first ${head.length} shown)`);
  return lines;
}

/** The text of a body that is text; a character that the cut went through is dropped. */
function asText(head: Uint8Array, cut: boolean): string | undefined {
  for (let drop = 0; drop <= (cut ? 3 : 0); drop += 1) {
    const bytes = head.subarray(0, head.length - drop);
    if (isUtf8(bytes) && !bytes.includes(0)) return Buffer.from(bytes).toString("utf8");
  }
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text of strangers, made safe for a terminal: control characters could move the cursor or set its title. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
