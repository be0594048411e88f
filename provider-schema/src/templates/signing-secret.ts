const PREFIX = "whsec_";
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** The key in a secret of Standard Webhooks, `whsec_` and base64, or undefined when it is none. */
export function signingKey(secret: string): Buffer | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined;
}

/** What is wrong with such a secret, or undefined. The secret itself is never part of it. */
export function signingSecretProblem(secret: string): string | undefined {
  if (signingKey(secret) !== undefined) return undefined;
  return `must be ${PREFIX} and the base64 of ${LEAST_BYTES} to ${MOST_BYTES} random bytes (Standard Webhooks)`;
}
