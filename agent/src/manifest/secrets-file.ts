import { existsSync } from "node:fs";
import { CliError, EXIT } from "../cli/exit-codes.js";
import type { NewSecrets } from "./plan-request.js";
import { openPendingFile } from "./write-file-atomically.js";

/** A file for secrets that are not known yet. */
export interface SecretsFile {
  /** Puts the secrets into the file: JSON, `{"<token>": {"key", "secret"}}`, for this user alone. */
  keep(secrets: NewSecrets): void;
  /** Leaves no file. */
  discard(): void;
}

/**
 * Opens a file for secrets before they are made, when it can still be refused: it must not be there, as it may hold the
 * only copy of others. Throws CliError.
 */
export function openSecretsFile(path: string): SecretsFile {
  if (existsSync(path)) {
    throw new CliError(
      `${path} is there already and may hold the only copy of other secrets: name another file`,
      EXIT.usage,
    );
  }
  const pending = openPendingFile(path, 0o600);
  return {
    keep: (secrets) => pending.commit(`${JSON.stringify(secrets, null, 2)}\n`),
    discard: () => pending.discard(),
  };
}
