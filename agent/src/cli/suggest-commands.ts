import { didYouMean } from "@relay/provider-schema/nearest-name";
import type { Command } from "commander";

/** Names the command that a misspelt one most likely means; commander's own guesses go too far (`bogus` for logs). */
export function suggestCommands(parent: Command): void {
  const names = parent.commands.map((command) => command.name());
  if (names.length === 0) return;
  parent.on("command:*", ([word = ""]: readonly string[]) => {
    parent.error(`error: unknown command '${word}'${didYouMean(word, [...names, "help"])}`, {
      code: "commander.unknownCommand",
    });
  });
}
