import { RelayError } from "../errors.js";

/**
 * Throws 412 for the token whose secret the environment sets: the next start would undo another one, and bring a secret
 * back that was meant to be over. `environmentKey` is empty or absent when the environment sets none.
 */
export function refuseEnvironmentToken(id: string, environmentKey: string | undefined): void {
  if (id !== environmentKey?.toLowerCase()) return;
  throw new RelayError(
    "precondition",
    "This token's secret is set by ADMIN_API_SECRET, and the next start would undo a change. Change it there and restart the server; " +
      "one from ADMIN_API_SECRET_FILE is taken over without a restart.",
  );
}
