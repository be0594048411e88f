import { FUNCTION_LIMITS } from "./function-limits.js";
import { GuestMistake } from "./guest-mistake.js";
import { multipartFields } from "./multipart-fields.js";

/** First value of each name, as `r.query` and `r.formData` give them. */
export type Fields = Readonly<Record<string, string>>;

/** The fields of a query string. */
export function queryFields(rawQuery: string): Fields {
  return firstOfEach(new URLSearchParams(rawQuery));
}

/** The fields of a URL-encoded or multipart body; none of a body of another type. Files of a form are left out. */
export function formFields(contentType: string, body: Uint8Array): Fields {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (body.length > FUNCTION_LIMITS.formBytes) {
    throw new GuestMistake(`a form of more than ${FUNCTION_LIMITS.formBytes >> 20} MiB is not taken apart`);
  }
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return firstOfEach(new URLSearchParams(buffer.toString("utf8")));
  if (type === "multipart/form-data") return firstOfEach(multipartFields(contentType, buffer));
  return {};
}

function firstOfEach(pairs: Iterable<readonly [string, string]>): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!fields.has(name)) fields.set(name, value);
    if (fields.size >= FUNCTION_LIMITS.formFields) break;
  }
  return Object.fromEntries(fields);
}
