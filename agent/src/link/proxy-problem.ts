import { type HttpProxy, proxyAddress } from "./http-proxy.js";

/** Why the proxy did not let a connection through to `target` (host:port), with what helps. */
export function proxyProblem(
  proxy: HttpProxy,
  target: string,
  cause: { readonly status: number } | { readonly error: string },
): string {
  const name = `the proxy ${proxyAddress(proxy)}`;
  if ("error" in cause) {
    return `${name} cannot be reached (${cause.error}): correct HTTPS_PROXY, or name the server's host in NO_PROXY`;
  }
  if (cause.status === 407) {
    const wrong = proxy.credentials === null ? "wants a name and password" : "does not accept the name and password";
    return `${name} ${wrong} (407): HTTPS_PROXY=http://name:password@${proxyAddress(proxy)}`;
  }
  return `${name} refused to connect to ${target} (${cause.status}): allow it there, or name the server's host in NO_PROXY`;
}
