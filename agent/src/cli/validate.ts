import { requireFiles } from "../manifest/ask-for-plan.js";
import { validateManifest } from "../manifest/load-manifest.js";
import { ManifestError } from "../manifest/manifest-error.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { printJson, printLine, type Terminal } from "./terminal.js";

export interface ValidateFlags {
  readonly file: readonly string[];
  readonly environment?: string;
  readonly json?: boolean;
}

/** `relay validate`: everything that can be said of a manifest without a server and without its secrets. */
export async function validate(terminal: Terminal, flags: ValidateFlags): Promise<ExitCode> {
  requireFiles(flags.file);
  const { file: files, environment } = flags;
  const { environments, problems } = await validateManifest({ files, environment, stdin: terminal.stdin });
  if (flags.json === true) {
    printJson(terminal, { valid: problems.length === 0, problems });
    return problems.length === 0 ? EXIT.ok : EXIT.failure;
  }
  if (problems.length > 0) throw new ManifestError(problems);
  const others = environments.length === 0 ? "" : ` with its environments ${environments.join(", ")}`;
  printLine(
    terminal,
    `The manifest is valid${environment === undefined ? others : ` in the environment ${environment}`}.`,
  );
  return EXIT.ok;
}
