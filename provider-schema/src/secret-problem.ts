/** bcrypt reads 72 bytes and ignores the rest, so two longer secrets with one beginning would be the same secret. */
const MAX_SECRET_BYTES = 72;

/** Says why bcrypt cannot hold this secret whole, or undefined when it can. */
export function secretProblem(secret: string): string | undefined {
  if (secret === "") return "must not be empty";
  if (secret.includes("\0")) return "must not contain a NUL character";
  const bytes = Buffer.byteLength(secret, "utf8");
  if (bytes > MAX_SECRET_BYTES) return `must be at most ${MAX_SECRET_BYTES} bytes in UTF-8, it has ${bytes}`;
  return undefined;
}
