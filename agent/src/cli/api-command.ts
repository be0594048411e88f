import { readFileSync } from "node:fs";
import { type ApiClient, refusal } from "../api/api-client.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { readAll } from "./prompt.js";
import { noteLine, type Terminal } from "./terminal.js";

export interface ApiFlags {
  readonly method?: string;
  readonly rawField: readonly string[];
  readonly field: readonly string[];
  readonly input?: string;
  readonly include?: boolean;
}

/** `relay api PATH`: any call of the REST API with the stored credentials; prints the answer's body. */
export async function apiCommand(api: ApiClient, terminal: Terminal, path: string, flags: ApiFlags): Promise<ExitCode> {
  const body = await bodyOf(flags, terminal);
  const method = (flags.method ?? (body === undefined ? "GET" : "POST")).toUpperCase();
  const target = path.startsWith("/v1/") ? path : `/v1/${path.replace(/^\/+/, "")}`;
  const response = await api.send(method, target, body);
  if (flags.include === true) {
    terminal.stdout.write(`HTTP/1.1 ${response.status}\n`);
    for (const [name, text] of Object.entries(response.headers))
      terminal.stdout.write(`${name}: ${[text].flat().join(", ")}\n`);
    terminal.stdout.write("\n");
  }
  if (response.text !== "") terminal.stdout.write(response.text.endsWith("\n") ? response.text : `${response.text}\n`);
  if (response.status < 400) return EXIT.ok;
  const error = refusal(method, target, response);
  noteLine(terminal, error.message);
  return error.exitCode;
}

async function bodyOf(flags: ApiFlags, terminal: Terminal): Promise<string | undefined> {
  const fields = [
    ...flags.rawField.map((text) => [...split(text)] as [string, unknown]),
    ...flags.field.map((text) => typed(split(text))),
  ];
  if (flags.input !== undefined) {
    if (fields.length > 0) throw new CliError("--input and fields exclude each other", EXIT.usage);
    return flags.input === "-" ? readAll(terminal.stdin) : readInput(flags.input);
  }
  return fields.length === 0 ? undefined : JSON.stringify(Object.fromEntries(fields));
}

function readInput(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read ${path}: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}

function split(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new CliError(`"${text}" is not key=value`, EXIT.usage);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** true, false, null and numbers become what they say; everything else stays text. */
function typed([key, text]: [string, string]): [string, unknown] {
  if (text === "true" || text === "false" || text === "null" || /^-?\d+(\.\d+)?$/.test(text))
    return [key, JSON.parse(text)];
  return [key, text];
}
