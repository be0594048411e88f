import { type ApiClient, createApiClient } from "../api/api-client.js";
import { type HttpProxy, proxyFor } from "../link/http-proxy.js";
import { CliError, EXIT } from "./exit-codes.js";
import { requireCredentials, type Settings } from "./settings.js";
import type { Terminal } from "./terminal.js";

/** Runs a command with a REST client of the logged-in token, and closes the client. */
export async function withApi<T>(
  terminal: Terminal,
  settings: Settings,
  use: (api: ApiClient) => Promise<T>,
): Promise<T> {
  const api = openApi(terminal, settings, requireCredentials(settings));
  try {
    return await use(api);
  } finally {
    await api.close();
  }
}

/** A REST client with the given credentials, or with none. */
export function openApi(
  terminal: Terminal,
  settings: Settings,
  credentials: { readonly key: string; readonly secret: string } | null,
): ApiClient {
  try {
    return createApiClient({
      address: settings.apiAddress,
      credentials,
      tls: { caFile: settings.caFile, verify: !settings.insecure },
      proxy: proxyOf(settings),
      userAgent: `relay/${terminal.version}`,
    });
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError((cause as Error).message, EXIT.usage, { cause });
  }
}

function proxyOf({ apiAddress, proxy }: Settings): HttpProxy | null {
  const { protocol, hostname, port } = new URL(apiAddress);
  return protocol === "https:" ? proxyFor(proxy, hostname, Number(port) || 443) : null;
}
