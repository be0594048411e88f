import { noteLine, type Terminal } from "./terminal.js";

const HIDDEN = "***";

/**
 * The classic commands take a secret as argument (`-s`), and so do these, that scripts may stay as they are. But arguments
 * can be seen by every user of the machine: whoever gives one is warned, and what others see is replaced by what comes from
 * here: the arguments with the value of `-s` or `--secret` hidden. Null when there is none.
 */
export function hideSecretArgument(argv: readonly string[]): readonly string[] | null {
  const hidden = argv.map((argument, at) => {
    const before = argv[at - 1];
    if (before === "-s" || before === "--secret") return HIDDEN;
    return argument.replace(/^(--secret=|-s(?!$)).*/s, `$1${HIDDEN}`);
  });
  return hidden.some((argument, at) => argument !== argv[at]) ? hidden : null;
}

/** Says what is wrong with a secret among the arguments. */
export function warnOfSecretArgument(terminal: Terminal): void {
  noteLine(
    terminal,
    "warning: a secret in the arguments can be seen by other users of this machine and stays in the shell's history. Better set RELAY_SECRET, or run relay login once and type it there.",
  );
}
