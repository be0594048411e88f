import type { Command } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { withApi } from "./open-api.js";
import type { RunFile } from "./run-file.js";
import { type GivenCredentials, type GlobalFlags, resolveSettings, type Settings } from "./settings.js";
import type { Terminal } from "./terminal.js";

/** What commands share: the terminal, the settings, and how an action's result becomes the exit code. */
export interface CommandContext {
  readonly terminal: Terminal;
  settings(runFile?: RunFile | null, given?: GivenCredentials): Settings;
  /** An action that ends with an exit code. */
  action<A extends unknown[]>(
    run: (...args: A) => Promise<ExitCode> | ExitCode,
  ): (...args: [...A, Command]) => Promise<void>;
  /** An action over the REST API; ends with 0 unless it resolves with an exit code. */
  api<A extends unknown[]>(
    run: (tools: { readonly api: ApiClient; readonly terminal: Terminal }, ...args: A) => Promise<unknown>,
  ): (...args: [...A, Command]) => Promise<void>;
}

export interface CommandContextOptions {
  readonly terminal: Terminal;
  readonly program: Command;
  exit(code: ExitCode): void;
}

/** The context of one run of the program. */
export function createCommandContext({ terminal, program, exit }: CommandContextOptions): CommandContext {
  const settings: CommandContext["settings"] = (runFile = null, { key, secret } = {}) => {
    const given = { ...(key === undefined ? {} : { key }), ...(secret === undefined ? {} : { secret }) };
    return resolveSettings({ ...program.opts<GlobalFlags>(), ...given }, terminal.env, runFile);
  };
  const action: CommandContext["action"] =
    (run) =>
    async (...args) => {
      // Commander hands the command itself over as the last argument.
      exit(await run(...(args.slice(0, -1) as Parameters<typeof run>)));
    };
  return {
    terminal,
    settings,
    action,
    api: (run) =>
      action((...args) =>
        withApi(terminal, settings(), async (api) => asExitCode(await run({ api, terminal }, ...args))),
      ),
  };
}

function asExitCode(result: unknown): ExitCode {
  return typeof result === "number" ? (result as ExitCode) : EXIT.ok;
}
