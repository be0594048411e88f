import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import { type TLSSocket, connect as tlsConnect } from "node:tls";
import { type HttpProxy, proxyAddress } from "./http-proxy.js";
import { proxyProblem } from "./proxy-problem.js";

export interface TlsTunnelOptions {
  readonly proxy: HttpProxy;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  readonly verify: boolean;
  /** Authorities to trust instead of the system's. */
  readonly ca: Buffer | null;
}

const TIMEOUT_MS = 15_000;

/** A TLS connection to the server through an HTTP proxy: CONNECT, then the handshake with the server behind it. */
export async function openTlsTunnel(options: TlsTunnelOptions): Promise<TLSSocket> {
  const { host } = options;
  const tunnel = await openTunnel(options);
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      socket: tunnel,
      // What the certificate is checked against; a server name must not be an address (RFC 6066, 3).
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: options.verify,
      ...(options.ca === null ? {} : { ca: options.ca }),
    });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no TLS handshake with ${host} in time`)));
    socket.once("error", fail);
    // A proxy that hangs up says nothing else.
    socket.once("close", () =>
      fail(new Error(`the connection through the proxy ${proxyAddress(options.proxy)} broke`)),
    );
    socket.once("secureConnect", () => {
      socket.setTimeout(0).off("error", fail).removeAllListeners("close").removeAllListeners("timeout");
      resolve(socket);
    });
  });
}

function openTunnel({ proxy, host, port }: TlsTunnelOptions): Promise<Socket> {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.secure ? httpsRequest : httpRequest)({
      host: proxy.host.replace(/^\[|\]$/g, ""),
      port: proxy.port,
      method: "CONNECT",
      path: target,
      agent: false,
      timeout: TIMEOUT_MS,
      headers: {
        host: target,
        ...(proxy.credentials === null
          ? {}
          : { "proxy-authorization": `Basic ${Buffer.from(proxy.credentials).toString("base64")}` }),
      },
    });
    request.once("connect", ({ statusCode: status = 0 }, socket: Socket, head) => {
      if (status < 200 || status > 299) {
        socket.destroy();
        reject(new Error(proxyProblem(proxy, target, { status })));
        return;
      }
      socket.setTimeout(0);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.once("timeout", () => request.destroy(new Error("no answer in time")));
    request.once("error", (error) => reject(new Error(proxyProblem(proxy, target, { error: error.message }))));
    request.end();
  });
}
