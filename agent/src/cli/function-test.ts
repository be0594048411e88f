import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { FunctionRunner, LogLine } from "@relay/server/functions";
import { TestHttp } from "../functions/test-http.js";
import { type FunctionTest, readTestSpec, type TestSpec } from "../functions/test-spec.js";
import { unmetExpectations } from "../functions/unmet-expectations.js";
import { printable } from "../render/printable.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { noteLine, printLine, type Terminal } from "./terminal.js";

export interface FunctionTestFlags {
  readonly file: string;
  readonly verbose?: boolean;
}

/** `relay function test`: runs a file of tests here, without a server. Ends with 1 when one of them fails. */
export async function functionTest(
  terminal: Terminal,
  { file, verbose = false }: FunctionTestFlags,
): Promise<ExitCode> {
  const spec = readTestSpec(readFile(file), file);
  const source = readFile(resolve(dirname(file), spec.filename));
  const { FunctionRunner } = await import("@relay/server/functions");
  const http = new TestHttp();
  const runner = new FunctionRunner({ workers: 1, http });
  let failures = 0;
  try {
    for (const test of spec.tests) {
      http.begin(test.http);
      const { problems: ofRun, logs } = await runTest(runner, { spec, source, test });
      const problems = [...ofRun, ...http.problems()];
      printLine(terminal, `${problems.length === 0 ? "ok  " : "FAIL"} ${printable(test.name)}`);
      for (const problem of problems) printLine(terminal, indented(problem));
      if (verbose || problems.length > 0) for (const line of logs) printLine(terminal, indented(logText(line)));
      if (problems.length > 0) failures += 1;
    }
  } finally {
    await runner.stop();
  }
  const total = spec.tests.length;
  if (failures === 0) {
    printLine(terminal, `${total} passed`);
    return EXIT.ok;
  }
  noteLine(terminal, `relay: ${failures} of ${total} failed`);
  return EXIT.failure;
}

async function runTest(
  runner: FunctionRunner,
  { spec, source, test }: { spec: TestSpec; source: string; test: FunctionTest },
): Promise<{ problems: readonly string[]; logs: readonly LogLine[] }> {
  const { method, path, query, header, body } = test.request;
  const result = await runner.run({
    functionId: "test",
    driver: spec.driver,
    source,
    variables: spec.config,
    bucketId: "test",
    request: {
      method,
      path,
      rawQuery: query,
      headers: Object.entries(header).map(([name, value]) => [name, Buffer.from(value).toString("latin1")] as const),
      body: Buffer.from(body),
    },
    metadata: {},
  });
  if (result.kind === "done") return { problems: unmetExpectations(test, result), logs: result.logs };
  const { line, column, message, logs } = result;
  const at =
    line === undefined ? spec.filename : [spec.filename, line, column].filter((each) => each !== undefined).join(":");
  return { problems: [`${at}: ${message}`], logs };
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${(error as Error).message}`, EXIT.failure);
  }
}

function logText({ level, text }: LogLine): string {
  return `${level}: ${text}`;
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `     ${printable(line)}`)
    .join("\n");
}
