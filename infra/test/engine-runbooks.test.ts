import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { mustSucceed, startCommand } from "../../provider-schema/test/support/run-command.js";
import { operatorsPages } from "./support/runbooks/pages.js";
import { shellCommands } from "./support/runbooks/shell-commands.js";
import { splitWords } from "./support/runbooks/split-words.js";

/** Commands that have commands below them. */
const NOUNS = ["config", "stack", "state"];

describePulumi("the operators' pages", (engine) => {
  test("call pulumi with commands and flags that it has", async () => {
    const used = new Map<string, Set<string>>();
    for (const { words } of operatorsPages()
      .flatMap(({ blocks }) => blocks)
      .flatMap(({ text }) => shellCommands(text).commands)
      .filter(({ program }) => program === "pulumi")) {
      const name = words.slice(0, NOUNS.includes(words[0] ?? "") ? 2 : 1).join(" ");
      const flags = used.get(name) ?? new Set();
      for (const flag of splitWords(words).flags) flags.add(flag);
      used.set(name, flags);
    }
    expect(used.size).toBeGreaterThan(5);
    const env = { PATH: process.env.PATH ?? "", HOME: tmpdir(), PULUMI_SKIP_UPDATE_CHECK: "true" };
    for (const [name, flags] of used) {
      const help = startCommand(engine.file, [...name.split(" "), "--help"], { cwd: tmpdir(), env });
      const { stdout } = mustSucceed(await help.done);
      // A word that it does not know is answered with the help of the command above it.
      const word = name.split(" ").at(-1) ?? "";
      const called = new RegExp(`^ {2}pulumi ${name}( |$)`, "m").test(stdout);
      const alias = new RegExp(`^Aliases:\\n {2}.*\\b${word}\\b`, "m").test(stdout);
      expect([name, called || alias]).toEqual([name, true]);
      for (const flag of flags) expect([name, flag, stdout.includes(`${flag} `)]).toEqual([name, flag, true]);
    }
  }, 120_000);
});
