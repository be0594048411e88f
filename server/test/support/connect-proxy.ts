import { createServer } from "node:http";
import { connect } from "node:net";
import { type Listening, listenOnLoopback } from "./listen-on-loopback.js";

/** A proxy that serves CONNECT alone. */
export interface ConnectProxy extends Listening {
  /** What it was asked for: `host:port`, in order. */
  readonly asked: readonly string[];
  /** Proxy-Authorization of each, or undefined. */
  readonly credentials: readonly (string | undefined)[];
  /** From now on it answers every CONNECT with this status, or never (0). Undefined: lets it through. */
  refuseWith(status: number | undefined): void;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  let refusal: number | undefined;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client) => {
    const authority = request.url ?? "";
    asked.push(authority);
    credentials.push(request.headers["proxy-authorization"]);
    client.on("error", () => undefined);
    if (refusal === 0) return;
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
      return;
    }
    const [, host = "", port = ""] = /^\[?([^\]]*)\]?:(\d+)$/.exec(authority) ?? [];
    const upstream = connect({ host, port: Number(port) }, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  const listening = await listenOnLoopback(server);
  const refuseWith = (status: number | undefined): void => {
    refusal = status;
  };
  return { ...listening, asked, credentials, refuseWith };
}
