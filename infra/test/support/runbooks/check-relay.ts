import { spawnSync } from "node:child_process";
import { ROOT } from "./pages.js";
import type { ShellCommand } from "./shell-commands.js";
import { splitWords } from "./split-words.js";

interface Usage {
  readonly subcommands: readonly string[];
  /** As "--json"; those whose value is the next word in `withValue`. */
  readonly flags: readonly string[];
  readonly withValue: readonly string[];
  readonly takes: readonly [least: number, most: number];
}

const known = new Map<string, Usage>();

/** What the program itself says about a command. */
function usageOf(path: readonly string[]): Usage {
  const key = path.join(" ");
  const found = known.get(key);
  if (found !== undefined) return found;
  const { stdout, status } = spawnSync(process.execPath, [`${ROOT}agent/dist/main.js`, ...path, "--help"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`relay ${key} --help ended with ${status}`);
  const section = (title: string): string[] =>
    (new RegExp(`^${title}:\\n((?:[ ].*\\n|\\n(?=[ ]))*)`, "m").exec(stdout)?.[1] ?? "").split("\n");
  const options = section("Options").flatMap((line) => /^ {2}((?:-\w, )?--[\w-]+(?: <[^>]+>)?)/.exec(line)?.[1] ?? []);
  const names = (option: string): string[] => option.match(/--?[A-Za-z][\w-]*/g) ?? [];
  const words = /^Usage: (.*)$/m.exec(stdout)?.[1] ?? "";
  const required = words.match(/<[^>]+>/g)?.length ?? 0;
  const optional = (words.match(/\[(?!options|command)[^\]]+\]/g) ?? []).length;
  const usage: Usage = {
    subcommands: section("Commands").flatMap((line) => /^ {2}([a-z]+)/.exec(line)?.[1] ?? []),
    flags: options.flatMap(names),
    withValue: options.filter((option) => option.includes("<")).flatMap(names),
    takes: [required, required + optional],
  };
  known.set(key, usage);
  return usage;
}

/** What is wrong with a command of the agent's program; empty when nothing is. */
export function checkRelay({ words }: ShellCommand): readonly string[] {
  const path: string[] = [];
  let usage = usageOf(path);
  for (const word of words) {
    if (!usage.subcommands.includes(word)) break;
    path.push(word);
    usage = usageOf(path);
  }
  if (path.length === 0 || usage.subcommands.length > 0) return [`relay has no command ${words.join(" ")}.`];
  const allowed = [...usage.flags, ...usageOf([]).flags];
  const withValue = [...usage.withValue, ...usageOf([]).withValue];
  const { positionals, flags } = splitWords(words.slice(path.length), (flag) => withValue.includes(flag));
  const problems = flags
    .filter((flag) => !allowed.includes(flag))
    .map((flag) => `relay ${path.join(" ")} has no ${flag}.`);
  const [least, most] = usage.takes;
  if (positionals.length < least || positionals.length > most) {
    problems.push(`relay ${path.join(" ")} takes ${least} to ${most} arguments, not ${positionals.length}.`);
  }
  return problems;
}
