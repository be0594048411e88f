import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy that knows CONNECT alone, for tests. Whatever the name, it connects to that port of this machine. */
export interface ConnectProxy {
  readonly url: string;
  readonly address: string;
  /** Every CONNECT: `host:port`, and the credentials that came with it. */
  readonly asked: { readonly target: string; readonly authorization: string | undefined }[];
  /** Any other request: nobody should send one. */
  readonly strays: string[];
  /** Status of the answer to CONNECT; other than 200 refuses. */
  answer: number;
  close(): void;
}

/** Starts a proxy on loopback. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    proxy.strays.push(`${request.method} ${request.url}`);
    response.writeHead(405).end();
  });
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  server.on("connection", keep);
  server.on("connect", (request, client: Socket, head: Buffer) => {
    const target = request.url ?? "";
    proxy.asked.push({ target, authorization: request.headers["proxy-authorization"] });
    if (proxy.answer !== 200) {
      client.end(`HTTP/1.1 ${proxy.answer} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(target.slice(target.lastIndexOf(":") + 1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    keep(upstream);
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: ConnectProxy = {
    url: `http://${address}`,
    address,
    asked: [],
    strays: [],
    answer: 200,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
