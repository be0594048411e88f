import { CliError } from "../cli/exit-codes.js";

/** Remembers how a step that was made is taken back; `what` names it for people. */
export type OnFailure = (what: string, undo: () => Promise<unknown>) => void;

/**
 * Runs steps that create things. When one fails, what was created is taken back, last first, and the failure is thrown on,
 * with a note of what could not be taken back.
 */
export async function undoOnFailure<T>(run: (onFailure: OnFailure) => Promise<T>): Promise<T> {
  const steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];
  try {
    return await run((what, undo) => steps.push({ what, undo }));
  } catch (error) {
    const left: string[] = [];
    for (const { what, undo } of steps.reverse()) await undo().catch(() => left.push(what));
    if (left.length === 0 || !(error instanceof CliError)) throw error;
    throw new CliError(
      `${error.message}. Created before it, and not deleted again: ${left.join(", ")}`,
      error.exitCode,
      {
        cause: error,
      },
    );
  }
}
