import { RelayApiError } from "../client/relay-api-error.js";
import type { Log } from "./plugin/log.js";
import type { Diagnostic } from "./protocol/generated/tfplugin6.js";
import { DecodeError } from "./value/decode.js";
import { diagnostic } from "./value/diagnostics.js";

/** What people are told of an error. Terraform shows an error of the call itself as a fault of the plugin. */
export function failureDiagnostic(error: unknown, log: Log): Diagnostic {
  if (error instanceof RelayApiError) return diagnostic("error", summary(error.status), error.message);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof DecodeError)) log("error", "a call failed", { error: stack ?? name });
  return diagnostic("error", "The provider failed", `${message}. TF_LOG=debug shows more`);
}

function summary(status: number): string {
  switch (status) {
    case 0:
      return "The relay server was not reached";
    case 401:
    case 403:
      return "The relay server does not allow it";
    case 404:
      return "There is no such object";
    default:
      return "The relay server refused";
  }
}
