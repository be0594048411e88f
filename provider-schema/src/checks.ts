import { createPrivateKey, X509Certificate } from "node:crypto";
import { durationMs } from "./duration-ms.js";
import type { Problem } from "./engine/problem.js";
import { ruleProblems } from "./rules/rule-problems.js";
import { parseSchedule } from "./schedule/parse-schedule.js";
import { timezoneProblem } from "./schedule/timezone-problem.js";
import { secretProblem } from "./secret-problem.js";
import { withoutTemplates } from "./templates/parse-template.js";

/**
 * Checks that JSON Schema cannot say precisely. Each returns what is wrong, or undefined; values of another type pass. One of a
 * value with an inside returns problems instead, with their paths in it: `checkProblems` reads both.
 */
export const CHECKS = {
  /** Free text: whatever PostgreSQL can store. */
  text: (value: unknown): string | undefined => (typeof value === "string" ? textProblem(value) : undefined),
  name: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    if (value.trim() !== value) return "must not begin or end with white space";
    if (hasControlCharacter(value)) return "must not contain control characters";
    if (UUID.test(value)) return "must not look like an id, or it could be taken for one";
    return undefined;
  },
  destination: (value: unknown): string | undefined =>
    typeof value === "string" ? destinationProblem(value) : undefined,
  secret: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? secretProblem(value) : undefined,
  username: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    if (value.includes(":")) return "must not contain a colon (RFC 7617)";
    return hasControlCharacter(value) ? "must not contain control characters" : undefined;
  },
  statusCode: (value: unknown): string | undefined => {
    if (typeof value !== "number" || value === 0 || (value >= 200 && value <= 599)) return undefined;
    return "must be 0 (the default, answers as 200) or from 200 to 599";
  },
  body: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    const bytes = Buffer.byteLength(value);
    return bytes > MAX_BODY_BYTES ? `must have at most ${MAX_BODY_BYTES} bytes, it has ${bytes}` : textProblem(value);
  },
  headers: (value: unknown): string | undefined => headersProblem(value, FRAMING),
  /** What a destination answered, for the record only: it may well contain framing fields. */
  reportedHeaders: (value: unknown): string | undefined => headersProblem(value, new Set()),
  /** A secret of the user's own takes the place of 32 random bytes: it must not be one that can be guessed. */
  ownSecret: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    if (value.length < 32) return `must have at least 32 characters, it has ${value.length}`;
    if (new Set(value).size < 10) return "must be random: it repeats a few characters";
    return secretProblem(value);
  },
  /** Entries of a list of names. */
  names: (value: unknown): string | undefined => {
    if (!Array.isArray(value)) return undefined;
    if (value.some((item) => item === "")) return "must not contain an empty name";
    return value.some((item) => typeof item === "string" && item.includes("\0"))
      ? "must not contain a NUL character"
      : undefined;
  },
  /** A secret of somebody else's: as it was copied, and not so short that strangers could try them all. */
  signingSecret: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? signingSecretProblem(value) : undefined,
  /** An address without what a sender puts behind it. */
  senderUrl: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    return value.includes("?") ? "must not contain a query: each webhook brings its own" : destinationProblem(value);
  },
  /** Five fields, a word, or `@every`. */
  schedule: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    const schedule = parseSchedule(value);
    return schedule.kind === "wrong" ? schedule.problem : undefined;
  },
  timezone: (value: unknown): string | undefined => (typeof value === "string" ? timezoneProblem(value) : undefined),
  /** A time as of RFC 3339; empty is none. */
  moment: (value: unknown): string | undefined => {
    if (typeof value !== "string" || value === "") return undefined;
    return RFC_3339.test(value) && !Number.isNaN(Date.parse(value))
      ? undefined
      : 'must be a time with its offset (RFC 3339), for example "2026-12-01T00:00:00Z"';
  },
  /** Path and query of a request; empty is none. */
  path: (value: unknown): string | undefined => {
    if (typeof value !== "string" || value === "") return undefined;
    if (!value.startsWith("/")) return "must begin with a slash";
    return /^[!$-;=?-[\]_a-z~]*$/.test(value)
      ? undefined
      : "must hold only characters of a URL's path and query (RFC 3986); write others as %20";
  },
  /** Source of a function. */
  source: (value: unknown): string | undefined => {
    if (typeof value !== "string") return undefined;
    const bytes = Buffer.byteLength(value);
    return bytes > MAX_SOURCE_BYTES
      ? `must have at most ${MAX_SOURCE_BYTES} bytes, it has ${bytes}`
      : textProblem(value);
  },
  /** Texts of a function by their name. */
  variables: (value: unknown): string | undefined => variablesProblem(value),
  variableName: (value: unknown): string | undefined =>
    typeof value !== "string" || VARIABLE_NAME.test(value) ? undefined : `must have ${VARIABLE_NAME_TEXT}`,
  variableValue: (value: unknown): string | undefined =>
    typeof value === "string" && Buffer.byteLength(value) > MAX_VARIABLE_BYTES
      ? `must have at most ${MAX_VARIABLE_BYTES} bytes`
      : undefined,
  /** Empty: none. */
  duration: (value: unknown): string | undefined =>
    typeof value !== "string" || value === "" || durationMs(value) !== undefined
      ? undefined
      : "must be a duration such as 250ms, 30s, 5m, 12h or 7d",
  durations: (value: unknown): string | undefined => {
    if (!Array.isArray(value)) return undefined;
    const wrong = value.findIndex((item) => typeof item === "string" && durationMs(item) === undefined);
    return wrong === -1 ? undefined : `entry ${wrong + 1} must be a duration such as 250ms, 30s, 5m, 12h or 7d`;
  },
  /** PEM, one or more. */
  certificates: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? certificatesProblem(value) : undefined,
  privateKey: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" && !isPrivateKey(value)
      ? "must be a private key in PEM, without a passphrase"
      : undefined,
  hostName: (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value)
      ? "must be a host name, without a port"
      : undefined,
  fieldName: (value: unknown): string | undefined => {
    if (typeof value !== "string" || value === "") return undefined;
    if (!FIELD_NAME.test(value)) return "must be a header name (RFC 9110 section 5.6.2)";
    return FRAMING.has(value.toLowerCase()) || value.toLowerCase() === "host"
      ? `must not be ${value}, which HTTP sets itself`
      : undefined;
  },
  fieldValue: (value: unknown): string | undefined =>
    typeof value === "string" && !FIELD_VALUE.test(value)
      ? "must not contain line breaks, control characters or characters outside ISO 8859-1"
      : undefined,
  base64: (value: unknown): string | undefined =>
    typeof value !== "string" || /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? undefined : "must be base64",
  /** A tree of rules; what in it is unknown yet is right. */
  rules: (value: unknown): readonly Problem[] => ruleProblems(value),
} as const;

export type CheckName = keyof typeof CHECKS;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

const MAX_BODY_BYTES = 65_536;
const MAX_SOURCE_BYTES = 262_144;
const MAX_VARIABLES = 100;
const MAX_VARIABLE_BYTES = 16_384;
const VARIABLE_NAME = /^[A-Za-z0-9_-]{1,100}$/;
const VARIABLE_NAME_TEXT = "1 to 100 letters, digits, underscores and hyphens";
const MAX_HEADERS = 64;
const MAX_HEADER_BYTES = 16_384;

/** RFC 9110 section 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 section 5.5, as Node writes it: ISO 8859-1 without control characters but the tab. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that frame the message or belong to one connection: setting them would let one message be read as two. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** The one character that PostgreSQL's text cannot hold. */
function textProblem(text: string): string | undefined {
  return text.includes("\0") ? "must not contain a NUL character" : undefined;
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function signingSecretProblem(text: string): string | undefined {
  if (text.trim() !== text) return "must not begin or end with white space";
  if (hasControlCharacter(text)) return "must not contain control characters";
  if (text.length < 8) return `must have at least 8 characters, it has ${text.length}`;
  return text.length > 500 ? `must have at most 500 characters, it has ${text.length}` : undefined;
}

function certificatesProblem(pem: string): string | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return "must be one or more certificates in PEM";
  const wrong = blocks.findIndex((block) => !isCertificate(block));
  return wrong === -1 ? undefined : `holds something else as certificate ${wrong + 1} of ${blocks.length}`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === "private";
  } catch {
    return false;
  }
}

/** Places to fill in are judged where it is known whether they are filled in. */
function destinationProblem(given: string): string | undefined {
  const text = withoutTemplates(given);
  // The URL parser would silently drop tabs and line feeds.
  if (/\s/.test(text) || hasControlCharacter(text)) return "must not contain white space or control characters";
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return "must be an absolute http or https URL";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    return "must not contain a user name or password; set them by headers, as Authorization";
  }
  return url.hash === "" ? undefined : "must not contain a fragment (#...), it would not be sent";
}

function headersProblem(value: unknown, refused: ReadonlySet<string>): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  let count = 0;
  let bytes = 0;
  for (const [name, values] of Object.entries(value)) {
    if (!FIELD_NAME.test(name))
      return `has ${JSON.stringify(name.slice(0, 100))}, which is no header name (RFC 9110 section 5.6.2)`;
    if (refused.has(name.toLowerCase())) return `must not set ${name}, which HTTP sets itself`;
    if (!Array.isArray(values)) return `${name} must be an array of texts, for example ["value"]`;
    for (const item of values) {
      if (typeof item !== "string") return `${name} must be an array of texts, for example ["value"]`;
      if (!FIELD_VALUE.test(item)) {
        return `${name} must not contain line breaks, control characters or characters outside ISO 8859-1`;
      }
      count += 1;
      bytes += name.length + item.length;
    }
  }
  if (count > MAX_HEADERS) return `must have at most ${MAX_HEADERS} values, it has ${count}`;
  return bytes > MAX_HEADER_BYTES ? `must have at most ${MAX_HEADER_BYTES} bytes, it has ${bytes}` : undefined;
}

function variablesProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MAX_VARIABLES) return `must have at most ${MAX_VARIABLES} variables, it has ${entries.length}`;
  for (const [name, text] of entries) {
    if (!VARIABLE_NAME.test(name)) {
      return `has ${JSON.stringify(name.slice(0, 100))}: a name has ${VARIABLE_NAME_TEXT}`;
    }
    if (typeof text !== "string") return `${name} must be a text`;
    if (Buffer.byteLength(text) > MAX_VARIABLE_BYTES) return `${name} must have at most ${MAX_VARIABLE_BYTES} bytes`;
  }
  return undefined;
}
