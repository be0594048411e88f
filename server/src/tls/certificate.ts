import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { generate } from "selfsigned";

export interface CertificateOptions {
  readonly dataDir: string;
  /** Both empty: a self-signed certificate in the data directory. */
  readonly certPath: string;
  readonly certKeyPath: string;
  /** Names and addresses of this machine, for the self-signed certificate. */
  readonly hosts: readonly string[];
}

export interface Certificate {
  /** PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** What an agent names in RELAY_CA_FILE to trust a self-signed certificate. */
  readonly caFile: string;
}

const DAY_MS = 86_400_000;
/** The longest life that common TLS clients accept of a certificate. */
const LIFETIME_DAYS = 825;
const RENEW_BEFORE_DAYS = 30;

/**
 * Loads the server's certificate: the operator's files, or a self-signed one (EC P-256, its own authority) that is made
 * once and renewed at a start near its end. Rejects when a file is missing, unreadable, or key and certificate differ.
 */
export async function loadCertificate(options: CertificateOptions): Promise<Certificate> {
  if (options.certPath !== "") return loadOwn(options.certPath, options.certKeyPath);
  const dir = resolve(options.dataDir, "tls");
  const certFile = join(dir, "cert.pem");
  const keyFile = join(dir, "key.pem");
  const existing = await readPair(certFile, keyFile).catch(() => undefined);
  if (existing !== undefined && Date.parse(existing.validTo) - Date.now() > RENEW_BEFORE_DAYS * DAY_MS) {
    return { cert: existing.cert, key: existing.key, caFile: certFile };
  }
  const made = await makeSelfSigned(options.hosts);
  // Both files appear at once, and never over those of another server that starts at this moment: its pair is the one.
  const draft = `${dir}.${randomBytes(4).toString("hex")}`;
  await mkdir(draft, { recursive: true, mode: 0o711 });
  await writeFile(join(draft, "key.pem"), made.key, { mode: 0o600, flag: "wx", flush: true });
  await writeFile(join(draft, "cert.pem"), made.cert, { mode: 0o644, flag: "wx", flush: true });
  try {
    await rename(draft, dir);
    return { ...made, caFile: certFile };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
  const theirs = existing === undefined ? await readPair(certFile, keyFile).catch(() => undefined) : undefined;
  if (theirs === undefined) {
    // Near its end, or broken: replaced.
    await rename(join(draft, "key.pem"), keyFile);
    await rename(join(draft, "cert.pem"), certFile);
  }
  await rm(draft, { recursive: true, force: true });
  const { cert, key } = theirs ?? made;
  return { cert, key, caFile: certFile };
}

async function loadOwn(certPath: string, certKeyPath: string): Promise<Certificate> {
  try {
    const { cert, key } = await readPair(certPath, certKeyPath);
    return { cert, key, caFile: resolve(certPath) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`CERT_PATH, CERT_KEY_PATH: ${reason}`, { cause });
  }
}

async function readPair(certFile: string, keyFile: string): Promise<{ cert: Buffer; key: Buffer; validTo: string }> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const parsed = parse(certFile, () => new X509Certificate(cert));
  const privateKey: KeyObject = parse(keyFile, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey)) throw new Error(`the key in ${keyFile} is not the one of ${certFile}`);
  return { cert, key, validTo: parsed.validTo };
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // The cause may quote the file; it stays out of the message.
    throw new Error(`${file} is not a PEM file of the expected kind`, { cause });
  }
}

async function makeSelfSigned(hosts: readonly string[]): Promise<{ cert: Buffer; key: Buffer }> {
  const names = [...new Set(["localhost", "127.0.0.1", "::1", ...hosts])];
  const now = Date.now();
  const made = await generate([{ name: "commonName", value: "Relay" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // A minute back: clocks of agents differ.
    notBeforeDate: new Date(now - 60_000),
    notAfterDate: new Date(now + LIFETIME_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.private) };
}
