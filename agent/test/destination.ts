import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a destination got, as it came. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** An HTTP service that keeps what it gets and answers as told. */
export interface Destination {
  readonly url: string;
  readonly received: Received[];
  /** Resolves when so many requests have come. */
  count(least: number): Promise<void>;
  close(): void;
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** Starts a destination on loopback; by default it answers 200. */
export async function startDestination(
  answer: Answer = (_request, response) => response.end("ok"),
): Promise<Destination> {
  const received: Received[] = [];
  let watchers: (() => void)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", rawHeaders } = request;
      const one = { method, url, rawHeaders, body: Buffer.concat(chunks) };
      received.push(one);
      answer(one, response);
      const waiting = watchers;
      watchers = [];
      for (const look of waiting) look();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    count(least) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (received.length >= least) resolve();
          else watchers.push(look);
        };
        look();
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
