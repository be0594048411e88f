import { parseDestinationTemplate, type Template } from "@relay/provider-schema";
import { type Destination, parseDestination, requestTarget } from "../destination/destination-url.js";
import { fillIn, inUrl } from "./fill-in.js";
import type { PublicWebhook } from "./public-webhook.js";

/** Where calls go, and the request target of each; null when what is filled in would lead elsewhere. */
export interface PlannedTarget {
  readonly destination: Destination;
  targetOf(webhook: PublicWebhook): string | null;
}

/** Throws with a reason for people when a destination cannot be called. */
export function planTarget(text: string, lockPath: boolean): PlannedTarget {
  const parsed = parseDestinationTemplate(text);
  if (parsed.kind === "wrong") throw new Error(`the destination ${parsed.problem}`);
  const { origin, path, query } = parsed.parts;
  const sample = `${origin}${sampleOf(path)}${query === null ? "" : `?${sampleOf(query)}`}`;
  const destination = parseDestination(sample, lockPath);
  const isFixed = (template: Template | null): boolean => template?.every(({ kind }) => kind === "text") ?? true;
  if (isFixed(path) && isFixed(query)) {
    return { destination, targetOf: (webhook) => requestTarget(destination, webhook) };
  }
  const dots = dotSegments(destination.path);
  return {
    destination,
    targetOf(webhook) {
      // Literal parts stay as written where the URL standard takes them so; else all of it is as the sample came out.
      const filledPath = isFixed(path) ? destination.path : fillIn(path, webhook, inUrl);
      const filledQuery = query === null || isFixed(query) ? destination.query : fillIn(query, webhook, inUrl);
      if (dotSegments(filledPath) !== dots) return null;
      return requestTarget({ ...destination, path: ascii(filledPath), query: ascii(filledQuery) }, webhook);
    },
  };
}

/** The template with something harmless in each place. */
function sampleOf(template: Template): string {
  return template.map((part) => (part.kind === "text" ? part.text : "x")).join("");
}

/** Segments that servers take for a step up or none at all. */
function dotSegments(path: string): number {
  return path.split("/").filter((segment) => /^(\.|%2e){1,2}$/i.test(segment)).length;
}

/** Literal parts may hold what has to be escaped on the wire. */
function ascii(text: string): string {
  let escaped = "";
  for (const byte of text) escaped += /[\x21-\x7e]/.test(byte) ? byte : inUrl(byte);
  return escaped;
}
