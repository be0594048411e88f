/** Exit codes of the program, as `relay --help` documents them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** Of the commands in `CHANGES_BY_EXIT_CODE` alone, which end with 1 where others end with `usage`. */
  changes: 2,
  unauthorized: 3,
  unreachable: 4,
  fenced: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Commands that tell scripts by 2 that there are changes, as planning tools do. A wrong flag must not look like that, so 2
 * means nothing else there.
 */
const CHANGES_BY_EXIT_CODE: ReadonlySet<string> = new Set(["plan", "diff"]);

/** The exit code of a command that was used wrongly. */
export function usageExitCode(command: string | undefined): ExitCode {
  return command !== undefined && CHANGES_BY_EXIT_CODE.has(command) ? EXIT.failure : EXIT.usage;
}

/** An error whose message is meant for people as it is: what happened, why, what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
