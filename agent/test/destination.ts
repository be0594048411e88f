import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Changes } from "../../server/test/support/changes.js";
import { type Listening, listenOnLoopback } from "../../server/test/support/listen-on-loopback.js";

/** What a destination got, as it came. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** An HTTP service that keeps what it gets and answers as told. */
export interface Destination extends Listening {
  readonly received: Received[];
  /** Resolves when so many requests have come. */
  count(least: number): Promise<void>;
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** Starts a destination on loopback; by default it answers 200. */
export async function startDestination(
  answer: Answer = (_request, response) => response.end("ok"),
): Promise<Destination> {
  const received: Received[] = [];
  const changes = new Changes();
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", rawHeaders } = request;
      const one = { method, url, rawHeaders, body: Buffer.concat(chunks) };
      received.push(one);
      answer(one, response);
      changes.announce();
    });
  });
  return {
    ...(await listenOnLoopback(server)),
    received,
    async count(least) {
      await changes.until(() => received.length >= least);
    },
  };
}
