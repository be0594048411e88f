import { formFields } from "./form-fields.js";
import { readJson } from "./json-document.js";
import { atJsonPath } from "./json-path.js";
import { WEBHOOK_LIMITS } from "./webhook-limits.js";

/** What is inside a body. */
export interface Payload {
  /** Texts at a dot path; none when there is nothing. */
  values(path: string): readonly string[];
  /** Why nothing can be found in it at all. */
  readonly problem?: string;
}

/** Reads a form body as its fields, every other one as JSON, whatever it calls itself. */
export function readPayload(body: { text: string; bytes: number }, contentType: string | undefined): Payload {
  if (body.bytes > WEBHOOK_LIMITS.bodyBytes) {
    return unreadable(`the body is larger than ${WEBHOOK_LIMITS.bodyBytes} bytes`);
  }
  return isForm(contentType) ? formPayload(body.text) : jsonPayload(body.text);
}

function jsonPayload(text: string): Payload {
  // A byte order mark is no JSON, but senders write it.
  const root = readJson(text.startsWith("\ufeff") ? text.slice(1) : text);
  if (root.kind === "problem") return unreadable(root.message);
  return {
    values: (path) => {
      const node = atJsonPath(root, path);
      return node === undefined ? [] : [node.text];
    },
  };
}

/** A field may hold JSON, as GitHub's and Slack's `payload` does: then a path goes on inside it. */
function formPayload(text: string): Payload {
  const fields = formFields(text);
  if (fields === undefined) return unreadable(`the body has more than ${WEBHOOK_LIMITS.fields} fields`);
  const inside = new Map<string, Payload>();
  return {
    values: (path) => {
      const whole = fields.get(path);
      if (whole !== undefined) return whole;
      const dot = path.indexOf(".");
      const name = path.slice(0, Math.max(0, dot));
      const [value] = fields.get(name) ?? [];
      if (dot < 0 || value === undefined) return [];
      const json = inside.get(name) ?? jsonPayload(value);
      inside.set(name, json);
      return json.values(path.slice(dot + 1));
    },
  };
}

function unreadable(problem: string): Payload {
  return { values: () => [], problem };
}

function isForm(contentType: string | undefined): boolean {
  return /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? "");
}
