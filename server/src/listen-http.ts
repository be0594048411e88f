import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type FastifyInstance, fastify } from "fastify";
import type { Logger } from "pino";
import type { Ingress } from "./ingress/ingress.js";
import { INGRESS_PATH } from "./ingress/parse-target.js";
import { PLAIN_ERROR_OPTIONS, plainErrors } from "./plain-errors.js";
import { upgradeOffers } from "./upgrade-offers.js";

/** Connections one listener holds at a time; more are closed as they come. */
const MAX_CONNECTIONS = 20_000;

/** Connections that wait in the kernel's queue until they are taken, as far as it allows. */
const BACKLOG = 4_096;

export interface HttpListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly maxHeaderBytes: number;
  readonly trustedProxies: readonly string[];
  readonly ingress: Ingress;
  readonly logger: Logger;
  /** Takes WebSocket upgrades; other offers to upgrade are ordinary requests. Undefined: this listener has none. */
  readonly upgrade: UpgradeTaker | undefined;
  readonly register: (app: FastifyInstance) => void;
}

export interface UpgradeTaker {
  isForAgents(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpListener {
  readonly port: number;
  /** Takes no new connections; ends when the open ones are idle. */
  close(): Promise<void>;
}

/**
 * One listener: the ingress first, everything else through fastify. The timeouts end connections that send their head or
 * body drop by drop (slow loris).
 */
export async function listenHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const offers = upgradeOffers((request) => options.upgrade?.isForAgents(request) === true);
  const limits: ServerOptions = {
    IncomingMessage: offers.IncomingMessage,
    maxHeaderSize: options.maxHeaderBytes,
    headersTimeout: 15_000,
    requestTimeout: 60_000,
    // Above the 60 s that load balancers keep idle connections, so that they never reuse one that we close.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 5_000,
    noDelay: true,
  };
  let server: Server | undefined;
  const app = fastify({
    ...PLAIN_ERROR_OPTIONS,
    logger: false,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    // Names may stand in paths.
    routerOptions: { maxParamLength: 1_000 },
    bodyLimit: 1_048_576,
    // Instead of fastify's own, which names itself by the form of its answer.
    clientErrorHandler: (error, socket) => {
      // What follows a declined offer may have lost its beginning: that is no error of the request before it.
      if (socket.writable && offers.isClosing(socket)) return;
      refuseMalformed(error, socket);
    },
    serverFactory: (handler) => {
      const listener: RequestListener = (request, response) => {
        const offer = offers.look(request);
        if (offer === "stray") return;
        if (offer === "declined") response.shouldKeepAlive = false;
        if (request.url !== undefined && !request.url.startsWith("/")) request.url = originForm(request.url);
        if (request.url?.startsWith(INGRESS_PATH)) options.ingress.receive(request, response);
        else handler(request, response);
      };
      server =
        options.tls === undefined
          ? createServer(limits, listener)
          : createTlsServer({ ...limits, ...options.tls, minVersion: "TLSv1.2", handshakeTimeout: 15_000 }, listener);
      return server;
    },
  });
  plainErrors(app);
  options.register(app);
  await app.listen({ host: options.address, port: options.port, backlog: BACKLOG });
  if (server === undefined) throw new Error("http: fastify made no server");
  const listening = server;
  listening.maxConnections = MAX_CONNECTIONS;
  // Bounded in bytes already; Node would drop fields beyond its count without a word.
  listening.maxHeadersCount = 0;
  if (options.upgrade !== undefined) {
    const { upgrade } = options.upgrade;
    listening.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      upgrade(request, socket, head);
    });
  }
  return {
    port: (listening.address() as AddressInfo).port,
    close: async () => {
      listening.closeIdleConnections();
      const closed = app.close();
      const timer = setTimeout(() => listening.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Answers what is no request, or none within its time, and ends the connection. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The path of a target in absolute form, as some proxies send it (RFC 9112 section 3.2.2). */
function originForm(target: string): string {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target);
  return authority === null ? target : target.slice(authority[0].length) || "/";
}
