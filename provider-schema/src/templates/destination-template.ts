import { isTemplate, parseTemplate, type Template } from "./parse-template.js";

/** A destination's URL in parts that end where a place to fill in cannot reach. */
export interface DestinationTemplate {
  /** Scheme, host and port as written, without any place to fill in. */
  readonly origin: string;
  readonly path: Template;
  /** Null when there is no question mark. */
  readonly query: Template | null;
}

export type ParsedDestination =
  | { readonly kind: "destination"; readonly parts: DestinationTemplate }
  | { readonly kind: "wrong"; readonly problem: string };

const PARTS = /^(https?:\/\/[^/?#\\]*)([^?#]*)(?:\?([^#]*))?$/i;

/**
 * Reads a destination with places to fill in. They may stand in its path and its query: what a sender writes never says
 * where a call goes.
 */
export function parseDestinationTemplate(text: string): ParsedDestination {
  // What is within the braces must not look like a path or a query of its own.
  const scheme = /^https?:\/\//i.exec(text)?.[0] ?? "";
  if (scheme === "") {
    return wrong(isTemplate(text) ? "must begin with http:// or https://, as written" : "must be an http or https URL");
  }
  const rest = text.slice(scheme.length);
  const brace = rest.indexOf("{{");
  const end = rest.search(/[/?#\\]/);
  if (brace !== -1 && (end === -1 || brace < end)) {
    return wrong("must not have {{ }} in its scheme, host or port: only path and query can be filled in");
  }
  const [, origin = "", path = "", query] = PARTS.exec(text) ?? [];
  if (origin === "") return wrong("must not have # or ? within {{ }}, nor a fragment");
  const parsedPath = parseTemplate(path);
  if (parsedPath.kind === "wrong") return parsedPath;
  const parsedQuery = query === undefined ? null : parseTemplate(query);
  if (parsedQuery?.kind === "wrong") return parsedQuery;
  return { kind: "destination", parts: { origin, path: parsedPath.parts, query: parsedQuery?.parts ?? null } };
}

function wrong(problem: string): ParsedDestination {
  return { kind: "wrong", problem };
}
