import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { Option } from "commander";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { addFunctionConfigCommands } from "./function-config-commands.js";
import { type FunctionTestFlags, functionTest } from "./function-test.js";
import { gather } from "./option-parsers.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

interface ApiFunction {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly variable_names?: readonly string[];
}

interface Flags {
  readonly name?: string;
  readonly driver?: string;
  readonly source?: string;
}

interface InvokeFlags {
  readonly method?: string;
  readonly body?: string;
  readonly header: readonly string[];
}

/** `relay function`: thin over REST, but for `test`, which needs no server. */
export function addFunctionCommands(program: Command, context: CommandContext): void {
  const { api, action, terminal } = context;
  const command = program.command("function").description("list and change functions, run and test them");
  const driver = () => new Option("--driver <driver>", "language; else by the file's ending").choices(["js", "lua"]);
  command
    .command("ls")
    .description("list functions")
    .option("--json", "print JSON")
    .action(
      api<[{ json?: boolean }]>(async ({ api, terminal }, flags) => {
        const all = (await api.json<readonly ApiFunction[] | null>("GET", "/v1/functions")) ?? [];
        if (flags.json === true) return printJson(terminal, all);
        const rows = all.map((one) => [one.id, one.name, one.driver, (one.variable_names ?? []).join(", ")]);
        printTable(terminal, ["ID", "NAME", "DRIVER", "VARIABLES"], rows);
      }),
    );
  command
    .command("create [name]")
    .description("make a function from a file")
    .option("-n, --name <name>")
    .addOption(driver())
    .requiredOption("--source <file>", "file of the source")
    .action(
      api<[string | undefined, Flags & { source: string }]>(async ({ api, terminal }, name = "", flags) => {
        const body = { name: flags.name ?? name, driver: driverOf(flags), payload: readSource(flags.source) };
        if (body.name === "") throw new CliError("the function needs a name: --name NAME", EXIT.usage);
        const made = await api.json<ApiFunction>("POST", "/v1/functions", body);
        printLine(terminal, `Created function ${made.name} (${made.id})`);
      }),
    );
  command
    .command("update <function>")
    .description("change a function")
    .option("-n, --name <name>", "another name")
    .addOption(driver())
    .option("--source <file>", "file of the source")
    .action(
      api<[string, Flags]>(async ({ api, terminal }, reference, flags) => {
        const path = functionPath(reference);
        const { source } = flags;
        if (flags.name === undefined && flags.driver === undefined && source === undefined) {
          throw new CliError("nothing to change: give --source, --driver or --name", EXIT.usage);
        }
        const change = {
          ...(source === undefined ? {} : { payload: readSource(source) }),
          ...(source === undefined && flags.driver === undefined ? {} : { driver: driverOf(flags) }),
        };
        // A name makes it a whole replacement: everything else must be said again.
        const before = flags.name === undefined ? {} : await api.json<object>("GET", path);
        const name = flags.name === undefined ? {} : { name: flags.name };
        const changed = await api.json<ApiFunction>("PUT", path, { ...before, ...change, ...name });
        printLine(terminal, `Changed function ${changed.name} (${changed.id})`);
      }),
    );
  command
    .command("inspect <function>")
    .description("print one function as JSON")
    .action(
      api<[string]>(async ({ api, terminal }, name) => printJson(terminal, await api.json("GET", functionPath(name)))),
    );
  command
    .command("rm <function>")
    .description("delete a function that nothing uses")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        await api.json("DELETE", functionPath(name));
        printLine(terminal, `Deleted function ${name}`);
      }),
    );
  command
    .command("invoke <function>")
    .description("run a function once and print what it did, as JSON; ends with 1 when it fails")
    .option("-m, --method <method>", "default: POST")
    .option("-b, --body <text>")
    .option("--header <name=value>", "repeatable", gather, [])
    .action(
      api<[string, InvokeFlags]>(async ({ api, terminal }, name, { method, body, header }) => {
        const request = { method, request_body: body, headers: headersOf(header) };
        const done = await api.json<{ error?: string }>("POST", `${functionPath(name)}/invoke`, request);
        printJson(terminal, done);
        return (done.error ?? "") === "" ? EXIT.ok : EXIT.failure;
      }),
    );
  command
    .command("test")
    .description("run a file of tests here, without a server; ends with 1 when one fails")
    .requiredOption("-f, --file <file>", "file of tests (YAML)")
    .option("-v, --verbose", "print what the function logs, too")
    .action(action<[FunctionTestFlags]>((flags) => functionTest(terminal, flags)));
  addFunctionConfigCommands(command, context);
}

/** Path of a function by its id or name. */
function functionPath(reference: string): string {
  return `/v1/functions/${encodeURIComponent(reference)}`;
}

function driverOf({ driver, source = "" }: Flags): string {
  return driver ?? (source.endsWith(".lua") ? "lua" : "js");
}

function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${(error as Error).message}`, EXIT.failure);
  }
}

function headersOf(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === "") throw new CliError(`--header takes NAME=VALUE, not ${JSON.stringify(pair)}`, EXIT.usage);
    headers[name] = [...(headers[name] ?? []), value];
  }
  return headers;
}
