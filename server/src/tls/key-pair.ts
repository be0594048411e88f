import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A certificate (chain) and its private key, both PEM. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads both files. Rejects when one is missing or no PEM, and when they do not belong together. */
export async function readPair(certFile: string, keyFile: string): Promise<KeyPair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const parsed = parse(certFile, () => new X509Certificate(cert));
  const privateKey: KeyObject = parse(keyFile, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey)) throw new Error(`the key in ${keyFile} is not the one of ${certFile}`);
  return { cert, key };
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // The cause may quote the file; it stays out of the message.
    throw new Error(`${file} is not a PEM file of the expected kind`, { cause });
  }
}
