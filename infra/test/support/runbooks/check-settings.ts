import { LEVELS } from "../../../config/level.js";
import { SETTINGS } from "../../../config/settings.js";
import type { ShellCommand } from "./shell-commands.js";
import { splitWords } from "./split-words.js";

/** Whether a word is a value as it stands: not of yours (in capitals), and nothing that the shell fills in. */
function isLiteral(word: string): boolean {
  return !/[$`]/.test(word) && !/(?<![A-Za-z])[A-Z][A-Z_]+(?![A-Za-z])/.test(word);
}

/** What is wrong with `pulumi config set`, `get` and `rm` of the program's settings; empty when nothing is. */
export function checkSettings({ program, words }: ShellCommand): readonly string[] {
  if (program !== "pulumi" || words[0] !== "config") return [];
  const { positionals } = splitWords(words.slice(2), (flag) => flag === "--stack");
  const [key = "", value] = positionals;
  if (key === "gcp:project" || key === "gcp:region") return [];
  if (key === "level") {
    return value === undefined || LEVELS.some((level) => level === value) ? [] : [`${value} is no level.`];
  }
  const setting = Object.entries(SETTINGS).find(([name]) => name === key)?.[1];
  if (setting === undefined) return [`${key} is no setting.`];
  if (words[1] !== "set" || value === undefined || !isLiteral(value)) return [];
  const read = setting.kind.parse(value);
  return "problem" in read ? [`${key}: "${value}" ${read.problem}.`] : [];
}
