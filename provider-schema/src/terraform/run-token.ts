import type { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import type { Values } from "../engine/value.js";
import type { Json } from "../model.js";

/** A token that lives for one run, as terraform carries it from call to call. */
export interface RunToken {
  readonly id: string;
  readonly ttlSeconds: number;
}

const NOT_SENT = new Set(["id", "secret", "ttl"]);

/** Makes a token that the server ends after its `ttl`, whatever becomes of the run. Throws RelayApiError. */
export async function openRunToken(api: RelayApi, wanted: Values): Promise<{ token: RunToken; secret: string }> {
  const ttlSeconds = Number(wanted.ttl);
  const rights = Object.fromEntries(Object.entries(wanted).filter(([name]) => !NOT_SENT.has(name)));
  const made = await api.send("POST", "/v1/tokens", { ...(rights as object), expires_at: endAfter(ttlSeconds) });
  const { key, secret } = made as { key?: Json; secret?: Json };
  if (typeof key !== "string" || typeof secret !== "string") {
    throw new RelayApiError(0, "the server made no token: is it a relay server of this version?");
  }
  return { token: { id: key, ttlSeconds }, secret };
}

/** Has the token live for another `ttl`. Throws RelayApiError. */
export async function renewRunToken(api: RelayApi, { id, ttlSeconds }: RunToken): Promise<void> {
  await api.send("PUT", `/v1/tokens/${encodeURIComponent(id)}`, { expires_at: endAfter(ttlSeconds) });
}

/** Ends the token now. Throws RelayApiError. */
export async function closeRunToken(api: RelayApi, { id }: RunToken): Promise<void> {
  try {
    await api.send("DELETE", `/v1/tokens/${encodeURIComponent(id)}`);
  } catch (error) {
    if (!(error instanceof RelayApiError) || error.status !== 404) throw error;
  }
}

/** Half of its life is left when it is renewed. */
export function renewalOf({ ttlSeconds }: RunToken): Date {
  return new Date(Date.now() + ttlSeconds * 500);
}

function endAfter(ttlSeconds: number): number {
  return Math.ceil(Date.now() / 1000) + ttlSeconds;
}
