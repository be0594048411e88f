import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { altNames } from "./alt-names.js";
import { type Authority, loadAuthority } from "./authority.js";
import { type KeyPair, readPair } from "./key-pair.js";

export interface CertificateOptions {
  readonly dataDir: string;
  /** Both empty: a certificate of the authority in the data directory. */
  readonly certPath: string;
  readonly certKeyPath: string;
  /** Names and addresses under which agents and senders reach this server. */
  readonly hosts: readonly string[];
}

export interface Certificate extends KeyPair {
  /** What an agent names in RELAY_CA_FILE to trust a self-signed server. */
  readonly caFile: string;
  /** This start made the authority: agents that trust an earlier one must get the new `caFile`. */
  readonly newAuthority: boolean;
}

/**
 * Loads the server's certificate: the operator's files, or a self-signed one in the data directory. The names of a server
 * change (another PUBLIC_URL, a container's new address). Then the self-signed one, which is its own authority, issues one
 * for this start: agents that trust it have nothing to do. Rejects when a file is missing, unreadable, or key and
 * certificate differ.
 */
export async function loadCertificate(options: CertificateOptions): Promise<Certificate> {
  if (options.certPath !== "") return loadOwn(options.certPath, options.certKeyPath);
  const names = [...new Set(["localhost", "127.0.0.1", "::1", ...options.hosts])];
  const authority = await loadAuthority(resolve(options.dataDir, "tls"), names);
  const { certFile: caFile, origin } = authority;
  const pair = origin === "foreign" || serves(authority, names) ? authority : await issue(authority, names);
  return { cert: pair.cert, key: pair.key, caFile, newAuthority: origin === "made" };
}

async function loadOwn(certPath: string, certKeyPath: string): Promise<Certificate> {
  try {
    const { cert, key } = await readPair(certPath, certKeyPath);
    return { cert, key, caFile: resolve(certPath), newAuthority: false };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`CERT_PATH, CERT_KEY_PATH: ${reason}`, { cause });
  }
}

function serves({ cert }: KeyPair, names: readonly string[]): boolean {
  const parsed = new X509Certificate(cert);
  return names.every((name) => (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined);
}

/** A key and a certificate for these names, with the authority's own behind it. Lives as long as the process. */
async function issue(authority: Authority, names: readonly string[]): Promise<KeyPair> {
  // Most starts need no new certificate, and the library takes as long to load as half of the rest.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: "Relay server" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // A minute back: clocks of agents differ.
    notBeforeDate: new Date(Date.now() - 60_000),
    notAfterDate: new Date(new X509Certificate(authority.cert).validTo),
    ca: { key: authority.key.toString(), cert: authority.cert.toString() },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      altNames(names),
    ],
  });
  return { cert: Buffer.from(`${made.cert}\n${authority.cert}`), key: Buffer.from(made.private) };
}
