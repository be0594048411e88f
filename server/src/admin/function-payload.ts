import type { FastifyRequest } from "fastify";

/**
 * Clients write the source of a function as text or as base64 of it, and expect either when they read it. Ours say who they
 * are and mean what they write.
 */
export function sourceOf(payload: string, request: FastifyRequest): string {
  if (request.headers["relay-managed-by"] !== undefined) return payload;
  return decodedText(payload) ?? payload;
}

/** The source as the client expects it: the Terraform provider and the older Go clients in base64, byte by byte as written. */
export function payloadFor(source: string, request: FastifyRequest): string {
  return expectsBase64(request.headers["user-agent"] ?? "") ? Buffer.from(source).toString("base64") : source;
}

/** The last version of the Go client that reads base64. */
const LAST_BASE64 = [0, 5, 2] as const;

function expectsBase64(userAgent: string): boolean {
  if (userAgent.startsWith("Go-http-client/")) return true;
  const version = /^webhookrelay-go\/v?(\d+)\.(\d+)\.(\d+)/.exec(userAgent)?.slice(1).map(Number);
  if (version === undefined) return false;
  for (const [i, last] of LAST_BASE64.entries()) {
    const part = version[i] ?? 0;
    if (part !== last) return part < last;
  }
  return true;
}

/** The text that canonical base64 stands for; undefined for what is none, or stands for something else than text. */
export function decodedText(base64: string): string | undefined {
  if (base64 === "" || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes that are no text happen to be UTF-8 now and then
    return /[\0-\x08\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
