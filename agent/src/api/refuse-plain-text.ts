import { CliError, EXIT } from "../cli/exit-codes.js";
import { isLoopback } from "../link/loopback.js";

/**
 * Throws when the token would cross a network in plain text. No switch allows it: RELAY_REQUIRE_TLS=false is for loopback,
 * and on loopback http:// is what `npm start` prints.
 */
export function refusePlainText(apiAddress: string): void {
  const url = new URL(apiAddress);
  if (url.protocol === "https:" || isLoopback(url.hostname)) return;
  throw new CliError(
    `refusing to send the token in plain text to ${apiAddress}: http:// is for loopback addresses only. Use the server's https address, such as https://${url.hostname}:9300 (RELAY_API_ADDRESS, --server); RELAY_CA_FILE names the authority of a certificate of its own.`,
    EXIT.usage,
  );
}
