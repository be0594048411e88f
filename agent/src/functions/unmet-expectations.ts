import type { FunctionDone, FunctionRequest } from "@relay/server/functions";
import type { Expectations, FunctionTest } from "./test-spec.js";

/** What a run did not do that its test expects: one text of one or more lines for each. */
export function unmetExpectations({ expect }: FunctionTest, done: FunctionDone): string[] {
  const { request, modified, response, stopped } = done;
  const unmet = [
    ...ofPart("request", expect.request, {
      ...request,
      bodyModified: modified.body,
      headerModified: modified.headers,
      status: undefined,
    }),
    ...ofPart("response", expect.response, {
      method: "",
      path: "",
      rawQuery: "",
      headers: response?.headers ?? [],
      body: response?.body ?? new Uint8Array(),
      bodyModified: response?.body !== undefined,
      headerModified: (response?.headers.length ?? 0) > 0,
      status: response?.status ?? 0,
    }),
  ];
  const { stopForwarding } = expect;
  return stopForwarding === undefined || stopForwarding === stopped
    ? unmet
    : [...unmet, difference("stopForwarding", stopForwarding, stopped)];
}

interface Part extends FunctionRequest {
  readonly bodyModified: boolean;
  readonly headerModified: boolean;
  readonly status: number | undefined;
}

function ofPart(name: string, expected: Expectations, part: Part): string[] {
  const body = Buffer.from(part.body).toString("utf8");
  const same = (assertion: keyof Expectations, actual: unknown) =>
    expected[assertion] === undefined || expected[assertion] === actual
      ? []
      : [difference(`${name}.${assertion}`, expected[assertion], actual)];
  const contains = (assertion: "bodyContains" | "pathContains" | "queryContains", actual: string) =>
    expected[assertion] === undefined || actual.includes(expected[assertion])
      ? []
      : [difference(`${name}.${assertion}`, expected[assertion], actual)];
  return [
    ...same("methodEquals", part.method),
    ...same("pathEquals", part.path),
    ...contains("pathContains", part.path),
    ...contains("queryContains", part.rawQuery),
    ...same("statusEquals", part.status),
    ...same("headerModified", part.headerModified),
    ...Object.entries(expected.headerEquals ?? {}).flatMap(([header, value]) => {
      const actual = headerValue(part.headers, header);
      return actual === value ? [] : [difference(`${name}.headerEquals ${header}`, value, actual)];
    }),
    ...same("bodyModified", part.bodyModified),
    ...same("bodyEquals", body),
    ...contains("bodyContains", body),
  ];
}

/** Values of a repeated field, as one text. */
function headerValue(lines: readonly (readonly [string, string])[], header: string): string | undefined {
  const values = lines.filter(([name]) => name.toLowerCase() === header.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? undefined : Buffer.from(values.join(", "), "latin1").toString("utf8");
}

function difference(what: string, expected: unknown, actual: unknown): string {
  return `${what}\n${marked("- ", expected)}\n${marked("+ ", actual ?? "(none)")}`;
}

function marked(sign: string, value: unknown): string {
  return String(value)
    .split("\n")
    .map((line) => sign + line)
    .join("\n");
}
