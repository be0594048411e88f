import type { Credentials } from "./state-file.js";

export interface ApiOptions {
  readonly method?: "GET" | "POST" | "PUT";
  readonly body?: object;
}

/** Calls the REST API; resolves with the JSON of a 2xx answer, undefined for 404. Rejects with the server's message otherwise. */
export type CallApi = (path: string, options?: ApiOptions) => Promise<unknown>;

/** The REST API of the server at `base`, as the given token. */
export function relayApi(base: string, { key, secret }: Credentials): CallApi {
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  return async (path, { method = "GET", body } = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
}
