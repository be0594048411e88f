import { parse } from "yaml";
import { record, refuseUnknown, texts, wrong } from "./spec-values.js";
import { readTestCalls, type TestCall } from "./test-call.js";

/** What must hold of the request, or of the answer, that a function leaves. */
export interface Expectations {
  readonly bodyModified?: boolean;
  readonly bodyEquals?: string;
  readonly bodyContains?: string;
  readonly headerModified?: boolean;
  /** Each name with its value. */
  readonly headerEquals?: Readonly<Record<string, string>>;
  readonly methodEquals?: string;
  readonly pathEquals?: string;
  readonly pathContains?: string;
  readonly queryContains?: string;
  readonly statusEquals?: number;
}

export interface FunctionTest {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query: string;
    readonly header: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** The HTTP calls that it makes, each with the answer that it gets. */
  readonly http: readonly TestCall[];
  readonly expect: {
    readonly request: Expectations;
    readonly response: Expectations;
    readonly stopForwarding?: boolean;
  };
}

/** A file of tests for one function. */
export interface TestSpec {
  /** Relative to the file of tests. */
  readonly filename: string;
  readonly driver: "js" | "lua";
  /** What `cfg` holds. */
  readonly config: Readonly<Record<string, string>>;
  readonly tests: readonly FunctionTest[];
}

const KINDS: Readonly<Record<string, "text" | "number" | "switch" | "texts">> = {
  bodyModified: "switch",
  bodyEquals: "text",
  bodyContains: "text",
  headerModified: "switch",
  headerEquals: "texts",
  methodEquals: "text",
  pathEquals: "text",
  pathContains: "text",
  queryContains: "text",
  statusEquals: "number",
};

/** Reads a file of tests. Throws CliError that names the place when it is none. */
export function readTestSpec(text: string, file: string): TestSpec {
  let spec: unknown;
  try {
    spec = parse(text);
  } catch (error) {
    throw wrong(file, (error as Error).message);
  }
  const { version, filename, driver, config, tests, ...rest } = record(spec, file, "the file");
  refuseUnknown(rest, file, "the file");
  if (version !== "v1") throw wrong(file, 'version: must be "v1"');
  if (typeof filename !== "string" || filename === "")
    throw wrong(file, "filename: is required, the file of the source");
  if (!Array.isArray(tests) || tests.length === 0) throw wrong(file, "tests: is required, a list of tests");
  return {
    filename,
    driver: driverOf(driver, filename, file),
    config: texts(config ?? {}, file, "config"),
    tests: tests.map((test: unknown, i) => readTest(test, file, `tests[${i}]`)),
  };
}

function driverOf(driver: unknown, filename: string, file: string): "js" | "lua" {
  const named = driver ?? (filename.endsWith(".lua") ? "lua" : "js");
  if (named === "js" || named === "lua") return named;
  throw wrong(file, "driver: must be js or lua");
}

function readTest(test: unknown, file: string, at: string): FunctionTest {
  const { name, request, http, expect, ...rest } = record(test, file, at);
  refuseUnknown(rest, file, at);
  if (typeof name !== "string" || name === "") throw wrong(file, `${at}.name: is required`);
  const { method, path, query, rawQuery, header, headers, body, ...other } = record(
    request ?? {},
    file,
    `${at}.request`,
  );
  refuseUnknown(other, file, `${at}.request`);
  const text = (value: unknown, field: string, usual: string) => {
    if (value === undefined || value === null) return usual;
    if (typeof value === "string") return value;
    throw wrong(file, `${at}.request.${field}: must be a text`);
  };
  const expected = record(expect ?? {}, file, `${at}.expect`);
  const { request: ofRequest, response, stopForwarding, ...strange } = expected;
  refuseUnknown(strange, file, `${at}.expect`);
  if (stopForwarding !== undefined && typeof stopForwarding !== "boolean") {
    throw wrong(file, `${at}.expect.stopForwarding: must be true or false`);
  }
  return {
    name,
    request: {
      method: text(method, "method", "POST"),
      path: text(path, "path", ""),
      query: text(query ?? rawQuery, "query", ""),
      header: texts(header ?? headers ?? {}, file, `${at}.request.header`),
      body: text(body, "body", ""),
    },
    http: readTestCalls(http, file, `${at}.http`),
    expect: {
      request: expectations(ofRequest, file, `${at}.expect.request`),
      response: expectations(response, file, `${at}.expect.response`),
      ...(stopForwarding === undefined ? {} : { stopForwarding }),
    },
  };
}

function expectations(value: unknown, file: string, at: string): Expectations {
  const given = record(value ?? {}, file, at);
  for (const [name, each] of Object.entries(given)) {
    const kind = KINDS[name];
    if (kind === undefined)
      throw wrong(file, `${at}.${name}: is no assertion; there are ${Object.keys(KINDS).join(", ")}`);
    if (kind === "texts") texts(each, file, `${at}.${name}`);
    else if (typeof each !== { text: "string", number: "number", switch: "boolean" }[kind]) {
      throw wrong(file, `${at}.${name}: must be a ${kind === "switch" ? "true or false" : kind}`);
    }
  }
  return given as Expectations;
}
