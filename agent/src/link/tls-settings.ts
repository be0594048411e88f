import { readFileSync } from "node:fs";

/** How to verify the server, for both transports and the REST client. */
export interface TlsSettings {
  /** PEM file with the authorities to trust instead of the system's; null for the system's. */
  readonly caFile: string | null;
  /** False: any certificate is accepted (RELAY_INSECURE=true). */
  readonly verify: boolean;
}

/** The authorities to trust, or null for the system's. Throws with the file's name when it cannot be read. */
export function readAuthorities(tls: TlsSettings): Buffer | null {
  if (tls.caFile === null) return null;
  try {
    return readFileSync(tls.caFile);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(`cannot read the CA file ${tls.caFile}: ${why}. Correct RELAY_CA_FILE or --ca-file.`, { cause });
  }
}
