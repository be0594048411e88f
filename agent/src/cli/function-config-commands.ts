import { text } from "node:stream/consumers";
import type { Command } from "commander";
import type { CommandContext } from "./command-context.js";
import { printTable } from "./table.js";
import { printLine } from "./terminal.js";

/** `relay function config`: variables of a function. What they hold is never shown. */
export function addFunctionConfigCommands(parent: Command, { api }: CommandContext): void {
  const config = parent.command("config").description("variables that a function reads by cfg");
  config
    .command("ls <function>")
    .description("list the names of a function's variables")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        const all = (await api.json<readonly { key: string }[] | null>("GET", configPath(name))) ?? [];
        printTable(
          terminal,
          ["NAME"],
          all.map(({ key }) => [key]),
        );
      }),
    );
  config
    .command("set <function> <key[=value]>")
    .description("set a variable; without =value it is read from standard input, where other users cannot see it")
    .action(
      api<[string, string]>(async ({ api, terminal }, name, pair) => {
        const at = pair.indexOf("=");
        const key = at === -1 ? pair : pair.slice(0, at);
        const value = at === -1 ? (await text(terminal.stdin)).replace(/\r?\n$/, "") : pair.slice(at + 1);
        await api.json("PUT", configPath(name), { key, value });
        printLine(terminal, `Set ${key} of function ${name}`);
      }),
    );
  config
    .command("rm <function> <key>")
    .description("delete a variable")
    .action(
      api<[string, string]>(async ({ api, terminal }, name, key) => {
        await api.json("DELETE", `${configPath(name)}/${encodeURIComponent(key)}`);
        printLine(terminal, `Deleted ${key} of function ${name}`);
      }),
    );
}

function configPath(reference: string): string {
  return `/v1/functions/${encodeURIComponent(reference)}/config`;
}
