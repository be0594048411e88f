import { createHash } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { OutputBody } from "@relay/provider-schema";
import type { TlsIdentity } from "../destination/guarded-connector.js";
import type { PublicOutput } from "./public-output.js";

export interface PlannedTls extends TlsIdentity {
  /** Equal for the same identity; tells nothing of the key. */
  readonly fingerprint: string;
}

/** `shared` is for outputs without certificates of their own. Throws when certificate and key do not belong together. */
export function planTls({ settings, secrets, tlsVerification }: PublicOutput, shared: SecureContext): PlannedTls {
  const { tls = {} } = settings as OutputBody;
  const ca = tls.ca ?? "";
  const cert = tls.client_certificate ?? "";
  const key = secrets["tls.client_key"] ?? "";
  const serverName = tls.server_name ?? "";
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([ca, cert, key, serverName, tlsVerification]))
    .digest("hex");
  return {
    context: ca === "" && cert === "" ? shared : contextOf(ca, cert, key),
    verify: tlsVerification,
    serverName: serverName === "" ? null : serverName,
    fingerprint,
  };
}

function contextOf(ca: string, cert: string, key: string): SecureContext {
  try {
    return createSecureContext({
      ...(ca === "" ? {} : { ca }),
      ...(cert === "" ? {} : { cert, key }),
    });
  } catch (cause) {
    throw new Error(`tls: certificate and key cannot be used (${(cause as NodeJS.ErrnoException).code ?? "not PEM"})`, {
      cause,
    });
  }
}
