import { record, refuseUnknown, texts, wrong } from "./spec-values.js";

/** An HTTP call that a test expects of its function, and what the function is told then. */
export interface TestCall {
  /** Absent: any. */
  readonly method?: string;
  /** The whole of it, with the query as it is sent. */
  readonly url: string;
  readonly status: number;
  readonly header: Readonly<Record<string, string>>;
  readonly body: string;
  /** There is no answer, for this reason. */
  readonly error?: string;
}

/** Reads the calls of one test. Throws CliError that names the place when they are none. */
export function readTestCalls(value: unknown, file: string, at: string): readonly TestCall[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(file, `${at}: must be a list of calls`);
  return value.map((call: unknown, i) => readTestCall(call, file, `${at}[${i}]`));
}

function readTestCall(value: unknown, file: string, at: string): TestCall {
  const { method, url, status = 200, header, headers, body = "", error, ...rest } = record(value, file, at);
  refuseUnknown(rest, file, at);
  if (typeof url !== "string" || url === "") throw wrong(file, `${at}.url: is required`);
  if (typeof status !== "number") throw wrong(file, `${at}.status: must be a number`);
  if (typeof body !== "string") throw wrong(file, `${at}.body: must be a text`);
  for (const [name, each] of Object.entries({ method, error })) {
    if (each !== undefined && typeof each !== "string") throw wrong(file, `${at}.${name}: must be a text`);
  }
  return {
    ...(typeof method === "string" ? { method: method.toUpperCase() } : {}),
    url,
    status,
    header: texts(header ?? headers ?? {}, file, `${at}.header`),
    body,
    ...(typeof error === "string" ? { error } : {}),
  };
}
