import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { buildConnector } from "undici";
import { CallError, type ErrorClass } from "./call-error.js";
import { connectOptions } from "./connect-options.js";
import type { DestinationGuard } from "./guard/destination-guard.js";
import { openTunnel } from "./open-tunnel.js";
import type { OutboundProxy } from "./outbound-proxy.js";
import type { PhaseTimeouts } from "./phase-timeouts.js";

/** The TLS side of an output: what it trusts and what it shows of itself. */
export interface TlsIdentity {
  /** Authorities, client certificate and key, prepared once. */
  readonly context: SecureContext;
  readonly verify: boolean;
  /** The name to ask for and to expect in the certificate; null: the host of the URL. */
  readonly serverName: string | null;
}

export interface GuardedConnectorOptions {
  readonly guard: DestinationGuard;
  readonly proxy: OutboundProxy | null;
  readonly tls: TlsIdentity;
  readonly timeouts: Pick<PhaseTimeouts, "dnsMs" | "connectMs" | "tlsMs">;
}

/**
 * A connector for undici that connects to addresses which the guard has vetted, and to no other: no second resolution comes
 * between. Server name and Host stay those of the URL. With a proxy, it is the proxy that is asked for the vetted address,
 * so the guard holds there too, and the proxy resolves nothing. Each phase has its time and its class of error.
 */
export function guardedConnector(options: GuardedConnectorOptions): buildConnector.connector {
  return ({ hostname, protocol, port }, callback) => {
    const secure = protocol === "https:";
    const target = { hostname, port: port === "" ? (secure ? 443 : 80) : Number(port) };
    open(target, secure, options).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

interface Target {
  readonly hostname: string;
  readonly port: number;
}

async function open(target: Target, secure: boolean, options: GuardedConnectorOptions): Promise<Socket> {
  const { timeouts } = options;
  const addresses = await vetted(target.hostname, options);
  const socket = await reach(addresses, target, options);
  socket.setNoDelay(true);
  if (!secure) return socket;
  return inTime(socket, { ms: timeouts.tlsMs, errorClass: "tls-timeout", what: "TLS handshake" }, (done, failed) => {
    const { context, verify, serverName } = options.tls;
    const name = serverName ?? target.hostname;
    const encrypted = connectTls({
      socket,
      secureContext: context,
      rejectUnauthorized: verify,
      // The name that the certificate must have; an address is never sent as a server name (RFC 6066 section 3).
      host: name,
      servername: isIP(name) === 0 ? name : "",
      ALPNProtocols: ["http/1.1"],
    });
    encrypted.once("secureConnect", () => done(encrypted));
    encrypted.once("error", (error) => failed(inHandshake(error)));
  });
}

async function vetted(hostname: string, { guard, timeouts }: GuardedConnectorOptions): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `the name ${hostname} was not resolved within ${timeouts.dnsMs} ms`;
    timer = setTimeout(() => reject(new CallError("dns-timeout", text)), timeouts.dnsMs);
  });
  try {
    return await Promise.race([guard.vet(hostname), late]);
  } catch (error) {
    if (error instanceof CallError || (error as Error).name === "BlockedDestinationError") throw error;
    // Its code may be that of a refused connection: to the DNS server.
    const { code = "no address" } = error as NodeJS.ErrnoException;
    throw new CallError("dns", `the host name ${hostname} does not resolve (${code})`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A TCP connection to one of the addresses, through the proxy if there is one. */
function reach(addresses: readonly string[], target: Target, options: GuardedConnectorOptions): Promise<Socket> {
  const { proxy, timeouts } = options;
  const limit = { ms: timeouts.connectMs, errorClass: "connect-timeout", what: "connection" } as const;
  if (proxy !== null) return openTunnel({ proxy, addresses, port: target.port, timeoutMs: timeouts.connectMs });
  const socket = connectTcp(connectOptions(addresses, target.port));
  return inTime(socket, limit, (done, failed) => {
    socket.once("connect", () => done(socket));
    socket.once("error", failed);
  });
}

interface Limit {
  readonly ms: number;
  readonly errorClass: ErrorClass;
  readonly what: string;
}

function inTime(
  socket: Socket,
  { ms, errorClass, what }: Limit,
  start: (done: (socket: Socket) => void, failed: (error: Error) => void) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      // Errors that follow have no other listener.
      socket.on("error", () => undefined).destroy();
    };
    const timer = setTimeout(() => failed(new CallError(errorClass, `no ${what} within ${ms} ms`)), ms);
    start((opened) => {
      clearTimeout(timer);
      resolve(opened);
    }, failed);
  });
}

function inHandshake(error: Error): Error {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (code === "ECONNRESET" || code === "EPIPE") {
    return new CallError("reset", "the connection was closed during the TLS handshake", { cause: error });
  }
  return new CallError("tls", `TLS failed: ${error.message}${code === "" ? "" : ` (${code})`}`, { cause: error });
}
