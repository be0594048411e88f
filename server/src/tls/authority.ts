import { randomBytes, X509Certificate } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { altNames } from "./alt-names.js";
import { type KeyPair, readPair } from "./key-pair.js";

export interface Authority extends KeyPair {
  /** `made`: by this start, and agents need it; `found`: an earlier start made it; `foreign`: somebody put it there. */
  readonly origin: "made" | "found" | "foreign";
  readonly certFile: string;
}

const DAY_MS = 86_400_000;
/** The longest life that common TLS clients accept of a certificate. */
const LIFETIME_DAYS = 825;
const RENEW_BEFORE_DAYS = 30;

/** Subjects of our authorities; the first version's had no number. */
const OURS = /^CN=Relay( [0-9a-f]+)?$/;

/**
 * The authority of a self-signed server, `cert.pem` and `key.pem` in `dir`: made once, renewed at a start near its end. Its
 * certificate also serves the names it was made for. A working pair that is not ours is never touched. Safe when two servers
 * start at once on one folder.
 */
export async function loadAuthority(dir: string, names: readonly string[]): Promise<Authority> {
  const certFile = join(dir, "cert.pem");
  const keyFile = join(dir, "key.pem");
  const existing = await readPair(certFile, keyFile).catch(() => undefined);
  if (existing !== undefined) {
    const parsed = new X509Certificate(existing.cert);
    if (!isOurs(parsed)) return { ...existing, origin: "foreign", certFile };
    const left = Date.parse(parsed.validTo) - Date.now();
    if (left > RENEW_BEFORE_DAYS * DAY_MS) return { ...existing, origin: "found", certFile };
  }
  const made = await makeAuthority(names);
  // Both files appear at once, and never over those of another server that starts at this moment: its pair is the one.
  const draft = `${dir}.${randomBytes(4).toString("hex")}`;
  await mkdir(draft, { recursive: true, mode: 0o711 });
  await writeFile(join(draft, "key.pem"), made.key, { mode: 0o600, flag: "wx", flush: true });
  await writeFile(join(draft, "cert.pem"), made.cert, { mode: 0o644, flag: "wx", flush: true });
  try {
    await rename(draft, dir);
    return { ...made, origin: "made", certFile };
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
  return theirs === undefined ? { ...made, origin: "made", certFile } : { ...theirs, origin: "found", certFile };
}

function isOurs(certificate: X509Certificate): boolean {
  return certificate.ca && OURS.test(certificate.subject) && certificate.issuer === certificate.subject;
}

async function makeAuthority(names: readonly string[]): Promise<KeyPair> {
  const now = Date.now();
  // A name of its own: TLS libraries find the issuer by name, and an agent may trust the authorities of two servers.
  const name = `Relay ${randomBytes(8).toString("hex")}`;
  // Most starts need no new certificate, and the library takes as long to load as half of the rest.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: name }], {
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
      altNames(names),
    ],
  });
  // The line feed, so that agents of two servers can append one file to the other.
  return { cert: Buffer.from(`${made.cert.trim()}\n`), key: Buffer.from(made.private) };
}
