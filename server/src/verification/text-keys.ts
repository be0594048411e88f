/** Secrets as keys, for the schemes where the text itself is the key. An empty one would be a key that everybody has. */
export function textKeys(secrets: readonly string[]): Buffer[] {
  return secrets.filter((secret) => secret !== "").map((secret) => Buffer.from(secret));
}
