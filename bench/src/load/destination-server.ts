import { createServer, type Server, type Socket } from "node:net";

/** What the destination reads of one request. */
export interface ArrivedRequest {
  /** Text of the head, ISO 8859-1, with the line end of the last header. */
  readonly head: string;
}

const OK = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
const HEAD_LIMIT = 65_536;

/**
 * A destination on raw sockets that costs little: it reads heads and Content-Length bodies (undici sends no others for
 * webhooks with a body in memory), calls `onRequest` and answers 200 with no body, at once or after the milliseconds that
 * `onRequest` returns. An unexpected request closes the connection.
 */
export function createDestinationServer(onRequest: (request: ArrivedRequest) => number): Server {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let pending: Buffer | undefined;
    let needed = 0;
    // A sleeping answer holds back those behind it on the same connection, as HTTP/1.1 demands.
    let busy: Promise<void> | undefined;

    function answer(delayMs: number): void {
      if (busy === undefined && delayMs === 0) {
        socket.write(OK);
        return;
      }
      const turn = (busy ?? Promise.resolve())
        .then(() => new Promise<void>((resolve) => setTimeout(resolve, delayMs)))
        .then(() => {
          if (!socket.destroyed) socket.write(OK);
          if (busy === turn) busy = undefined;
        });
      busy = turn;
    }

    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      let data = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
      pending = undefined;
      for (;;) {
        if (data.length === 0) return;
        if (data.length < needed) break;
        const headEnd = data.indexOf("\r\n\r\n");
        if (headEnd < 0) {
          if (data.length > HEAD_LIMIT) socket.destroy();
          break;
        }
        const head = data.toString("latin1", 0, headEnd + 2);
        const length = /\r\ncontent-length: *(\d+) *\r\n/i.exec(head);
        if (length === null) {
          socket.destroy();
          return;
        }
        needed = headEnd + 4 + Number(length[1]);
        if (data.length < needed) break;
        answer(onRequest({ head }));
        data = data.subarray(needed);
        needed = 0;
      }
      pending = data;
    });
  });
  server.on("close", () => {
    for (const socket of sockets) socket.destroy();
  });
  return server;
}
