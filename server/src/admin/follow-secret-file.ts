import type { Logger } from "pino";
import { FORMATS } from "../config/config-schema.js";
import { watchSecretFile } from "../config/watch-secret-file.js";
import { type AdministratorOptions, ensureAdministrator } from "./ensure-administrator.js";

/**
 * Gives the environment's administrator the secret that ADMIN_API_SECRET_FILE holds whenever that is another one, without a
 * restart; from then on the one before is refused. Several servers may see the same change: all but the first find it done.
 */
export function followSecretFile(
  path: string,
  administrator: AdministratorOptions,
  logger: Logger,
): { stop(): Promise<void> } {
  const { words, accepts } = FORMATS["bcrypt-secret"];
  return watchSecretFile({
    path,
    initial: administrator.secret,
    async apply(secret) {
      if (!accepts(secret)) throw new Error(`${path}: its secret is not valid: it must be ${words}`);
      await ensureAdministrator({ ...administrator, secret });
      logger.info({ file: path }, "administrator.secret-taken-over");
    },
    onProblem: (problem) => {
      logger.warn(
        { problem: `ADMIN_API_SECRET_FILE: ${problem}; the secret before stays` },
        "administrator.secret-not-usable",
      );
    },
  });
}
