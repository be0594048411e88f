import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { CallError } from "./call-error.js";
import type { OutboundProxy } from "./outbound-proxy.js";

export interface TunnelOptions {
  readonly proxy: OutboundProxy;
  /** Tried in turn, the first few. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** For all of them together. */
  readonly timeoutMs: number;
}

const MOST_TRIES = 3;
const MOST_HEAD_BYTES = 16 * 1024;

/** Connects to one of the addresses by HTTP CONNECT. Rejects with a `CallError` that says what the proxy answered. */
export async function openTunnel({ proxy, addresses, port, timeoutMs }: TunnelOptions): Promise<Socket> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  let last: Error = new CallError("proxy", "there is no address to ask the outbound proxy for");
  try {
    for (const address of addresses.slice(0, MOST_TRIES)) {
      const authority = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
      try {
        return await connectThrough(proxy, authority, deadline.signal);
      } catch (error) {
        last = error as Error;
        if (deadline.signal.aborted) break;
      }
    }
    throw last;
  } finally {
    clearTimeout(timer);
  }
}

function connectThrough(proxy: OutboundProxy, authority: string, deadline: AbortSignal): Promise<Socket> {
  const { host, port, authorization } = proxy;
  const name = `the outbound proxy ${host}:${port}`;
  return new Promise((resolve, reject) => {
    const servername = isIP(host) === 0 ? host : "";
    const socket = proxy.tls ? connectTls({ host, port, servername }) : connectTcp({ host, port });
    let head = Buffer.alloc(0);

    const stop = (error: Error): void => {
      deadline.removeEventListener("abort", late);
      reject(error);
      socket.on("error", () => undefined).destroy();
    };
    const late = (): void => stop(new CallError("connect-timeout", `no connection through ${name} in time`));
    const broken = (error: Error): void => stop(new CallError("proxy", `${name}: ${error.message}`, { cause: error }));
    const closed = (): void => stop(new CallError("proxy", `${name} closed the connection without an answer`));

    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) {
        if (head.length > MOST_HEAD_BYTES) stop(new CallError("proxy", `${name} answers without end`));
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.subarray(0, 32).toString("latin1"))?.[1] ?? "";
      if (!status.startsWith("2")) {
        stop(new CallError("proxy", `${name} refused CONNECT ${authority}: ${status === "" ? "no HTTP" : status}`));
        return;
      }
      deadline.removeEventListener("abort", late);
      socket.off("data", read).off("error", broken).off("close", closed).pause();
      // Until somebody else listens, and behind whoever does.
      socket.on("error", () => undefined);
      const rest = head.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };

    if (deadline.aborted) return late();
    deadline.addEventListener("abort", late);
    socket.on("data", read).on("error", broken).on("close", closed);
    socket.once(proxy.tls ? "secureConnect" : "connect", () => {
      const credentials = authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`;
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
    });
  });
}
