import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as NetServer, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { makeAuthority, makeCertificate, type TestCertificate } from "./test-certificates.js";

/** What a destination may do to a call. `status-503` and the like answer with that status. */
export type Behaviour =
  | "ok"
  /** The same after 60 ms, so that calls at the same time are seen to be. */
  | "slow"
  | `status-${number}`
  /** 429 with Retry-After: 7, and with a date a minute away. */
  | "retry-after-seconds"
  | "retry-after-date"
  | "redirect"
  | "hang-before-headers"
  | "hang-mid-body"
  | "reset"
  | "reset-mid-body"
  | "not-http"
  /** A byte every 50 ms, for ever. */
  | "slow-drip"
  /** 4 MiB, the second one with status 500. */
  | "huge"
  | "huge-failure"
  | "huge-headers"
  /** A body shorter than its Content-Length, and one that goes on behind it. */
  | "short-body"
  | "long-body";

export interface RecordedRequest {
  readonly behaviour: Behaviour;
  readonly method: string;
  readonly url: string;
  /** As Node has them: names and values alternating. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Of the connection it came by: counts from 1. */
  readonly connection: number;
  /** Name in the client's certificate, where it showed one. */
  readonly client: string | undefined;
  /** What the client asked for in TLS, where it did. */
  readonly serverName: string | undefined;
  /** When it was read whole, and when it was answered or given up; by the monotonic clock, milliseconds. */
  readonly arrivedMs: number;
  readonly endedMs: number | undefined;
}

type Ended<T> = Omit<T, "endedMs"> & { endedMs: number | undefined };

/** Servers with TLS: all answer as the menu does, and differ in what they show. */
export type TlsKind = "good" | "expired" | "self-signed" | "wrong-name" | "wants-client";

export interface FaultMenu {
  /** Where a behaviour is served. */
  url(behaviour: Behaviour): string;
  /** The same over TLS; `good`: for localhost, 127.0.0.1 and hooks.example.test, by `authority`. */
  tlsUrl(kind: TlsKind, behaviour?: Behaviour): string;
  /** Nobody listens there. */
  readonly refusedUrl: string;
  /** A place of its own whose behaviour changes while it is called: `ok` until `become`. */
  place(name: string): string;
  become(name: string, behaviour: Behaviour): void;
  readonly requests: readonly RecordedRequest[];
  /** How many requests a behaviour or a place has had. */
  count(what: string): number;
  /** Connections so far, and those that are open now. */
  connections(): { readonly ever: number; readonly open: number };
  /** PEM of the authority that signed the servers' certificates, and a certificate by it for a client. */
  readonly authority: TestCertificate;
  readonly client: TestCertificate;
  readonly port: number;
  close(): Promise<void>;
}

const SLOW_MS = 60;

/** A real destination that serves every fault on the menu, at `/BEHAVIOUR`, on loopback ports of its own. */
export async function startFaultMenu(): Promise<FaultMenu> {
  const requests: RecordedRequest[] = [];
  const counts = new Map<string, number>();
  const places = new Map<string, Behaviour>();
  const open = new Set<Socket>();
  const numbers = new WeakMap<Socket, number>();
  const timers = new Set<NodeJS.Timeout>();
  let ever = 0;

  const serve: RequestListener = (request, response) => {
    const [, first = "", second = ""] = (request.url ?? "").split(/[/?]/);
    const what = first === "at" ? second : first;
    const behaviour = first === "at" ? (places.get(second) ?? "ok") : (first as Behaviour);
    counts.set(what, (counts.get(what) ?? 0) + 1);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", rawHeaders, headers } = request;
      const socket = request.socket as TLSSocket;
      const peer = socket.getPeerCertificate?.();
      const recorded: Ended<RecordedRequest> = {
        behaviour,
        method,
        url,
        rawHeaders,
        headers,
        body: Buffer.concat(chunks),
        connection: numbers.get(request.socket) ?? 0,
        client: peer?.subject?.CN as string | undefined,
        serverName: typeof socket.servername === "string" ? socket.servername : undefined,
        arrivedMs: performance.now(),
        endedMs: undefined,
      };
      requests.push(recorded);
      const ended = () => {
        recorded.endedMs ??= performance.now();
      };
      response.on("finish", ended).on("close", ended);
      answer(behaviour, response, timers);
    });
    request.on("error", () => undefined);
  };

  const authority = await makeAuthority();
  const names = ["localhost", "127.0.0.1", "hooks.example.test"];
  const [good, expired, selfSigned, wrongName, client] = await Promise.all([
    makeCertificate(names, { authority }),
    makeCertificate(names, { authority, expired: true }),
    makeCertificate(names, {}),
    makeCertificate(["other.example.test"], { authority }),
    makeCertificate(["relay.client"], { authority, client: true }),
  ]);
  const wanting = { ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const servers = {
    plain: createServer(serve),
    good: createTlsServer(good, serve),
    expired: createTlsServer(expired, serve),
    "self-signed": createTlsServer(selfSigned, serve),
    "wrong-name": createTlsServer(wrongName, serve),
    "wants-client": createTlsServer({ ...good, ...wanting }, serve),
  };
  for (const [name, server] of Object.entries(servers)) {
    server.keepAliveTimeout = 60_000;
    server.on(name === "plain" ? "connection" : "secureConnection", (socket: Socket) => {
      ever += 1;
      numbers.set(socket, ever);
      open.add(socket);
      socket.on("error", () => undefined).on("close", () => open.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  const port = portOf(servers.plain);

  return {
    url: (behaviour) => `http://127.0.0.1:${port}/${behaviour}`,
    tlsUrl: (kind, behaviour = "ok") => `https://127.0.0.1:${portOf(servers[kind])}/${behaviour}`,
    // Of tcpmux, which nobody runs.
    refusedUrl: "http://127.0.0.1:1/",
    place: (name) => `http://127.0.0.1:${port}/at/${name}`,
    become: (name, behaviour) => void places.set(name, behaviour),
    requests,
    count: (what) => counts.get(what) ?? 0,
    connections: () => ({ ever, open: open.size }),
    authority,
    client,
    port,
    async close() {
      for (const timer of timers) clearInterval(timer);
      const closed = Object.values(servers).map((server) => new Promise((resolve) => server.close(resolve)));
      for (const server of Object.values(servers)) server.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

function answer(behaviour: Behaviour, response: ServerResponse, timers: Set<NodeJS.Timeout>): void {
  const { socket } = response;
  const status = /^status-(\d{3})$/.exec(behaviour)?.[1];
  if (status !== undefined) {
    response.writeHead(Number(status), { "Content-Type": "text/plain" }).end(`status ${status}`);
    return;
  }
  switch (behaviour) {
    case "retry-after-seconds":
      response.writeHead(429, { "Retry-After": "7" }).end();
      return;
    case "retry-after-date":
      response.writeHead(429, { "Retry-After": new Date(Date.now() + 60_000).toUTCString() }).end();
      return;
    case "redirect":
      response.writeHead(302, { Location: "/ok" }).end();
      return;
    case "slow": {
      const timer = setTimeout(() => response.writeHead(200).end(), SLOW_MS);
      timers.add(timer);
      response.on("close", () => clearTimeout(timer));
      return;
    }
    case "hang-before-headers":
      return;
    case "hang-mid-body":
      response.writeHead(200, { "Content-Length": "100" }).write("the beginning");
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "reset-mid-body":
      response.writeHead(200, { "Content-Length": "100" }).write("the beginning", () => socket?.destroy());
      return;
    case "not-http":
      socket?.end("SSH-2.0-OpenSSH_9.9\r\n");
      return;
    case "slow-drip": {
      response.writeHead(200);
      const timer = setInterval(() => response.write("."), 50);
      timers.add(timer);
      response.on("close", () => clearInterval(timer));
      return;
    }
    case "huge":
    case "huge-failure":
      response.writeHead(behaviour === "huge" ? 200 : 500).end(Buffer.alloc(4 * 1024 * 1024, "x"));
      return;
    case "huge-headers":
      response.writeHead(200, { "X-Large": "x".repeat(80 * 1024) }).end();
      return;
    case "short-body":
      response.writeHead(200, { "Content-Length": "100" });
      response.write("short", () => socket?.end());
      return;
    case "long-body":
      socket?.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst and more than it said");
      return;
    default:
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"ok":true}');
  }
}

function portOf(server: NetServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
