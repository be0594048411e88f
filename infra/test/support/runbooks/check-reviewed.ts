import { GLOBAL_FLAGS, REVIEWED, VALUE_FOLLOWS } from "./reviewed-commands.js";
import type { ShellCommand } from "./shell-commands.js";
import { splitWords } from "./split-words.js";

/** What is wrong with a command of a reviewed tool; empty when nothing is. */
export function checkReviewed({ program, words }: ShellCommand): readonly string[] {
  const known = REVIEWED[program];
  if (known === undefined) return [`Nobody has reviewed ${program}.`];
  const { positionals, flags } = splitWords(words, (flag) => VALUE_FOLLOWS.includes(flag));
  // The longest run of words that is a command: "sql backups list".
  let length = positionals.length;
  while (length > 0 && known[positionals.slice(0, length).join(" ")] === undefined) length -= 1;
  const name = positionals.slice(0, length).join(" ");
  const command = known[name];
  if (command === undefined) return [`Nobody has reviewed ${program} ${positionals.join(" ")}.`];
  const allowed = [...(command.flags ?? []), ...(GLOBAL_FLAGS[program] ?? [])];
  const problems = flags
    .filter((flag) => !allowed.includes(flag))
    .map((flag) => `Nobody has reviewed ${flag} of ${program} ${name}.`);
  const count = positionals.length - length;
  const [least, most] = command.takes;
  if (count < least || count > most)
    problems.push(`${program} ${name} takes ${least} to ${most} arguments, not ${count}.`);
  return problems;
}
