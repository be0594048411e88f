import { setLogger } from "@grpc/grpc-js";

/** Why a proxy did not let grpc-js through. */
export type ProxyRefusal = { readonly status: number } | { readonly error: string };

/**
 * Takes from grpc-js's log why a proxy refused: the call itself fails with nothing (`reject()` in its http_proxy.js). All
 * other lines go where they went before. The log is one for the whole process, as the agent has one link.
 */
export function onProxyRefusal(listener: (refusal: ProxyRefusal) => void): void {
  setLogger({
    error(message: string, ...rest: unknown[]) {
      const refusal = parseRefusal(String(message));
      if (refusal === null) process.stderr.write(`${[message, ...rest].join(" ")}\n`);
      else listener(refusal);
    },
  });
}

function parseRefusal(line: string): ProxyRefusal | null {
  const status = /^Failed to connect to .* through proxy .* with status (\d+)/.exec(line)?.[1];
  if (status !== undefined) return { status: Number(status) };
  const error = /^Failed to connect to proxy \S+ with error (.*)/s.exec(line)?.[1];
  return error === undefined ? null : { error };
}
