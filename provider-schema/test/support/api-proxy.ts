import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Decides what becomes of a request: undefined lets it through; a status answers it; `cut` ends the connection. */
export type Verdict = (method: string, path: string) => { status: number; retryAfter?: string } | "cut" | undefined;

/** Stands between a provider and its server, and spoils what the test wants spoiled. */
export class ApiProxy {
  verdict: Verdict = () => undefined;
  /** Method and path of every request, in order. */
  readonly seen: string[] = [];
  /** User agents that came by. */
  readonly userAgents = new Set<string>();
  readonly #server: Server;
  #target: URL;

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** Another server from now on, or the same one at another address. */
  set target(address: string) {
    this.#target = new URL(address);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "", url = "", headers } = incoming;
    this.seen.push(`${method} ${url}`);
    this.userAgents.add(headers["user-agent"] ?? "");
    const verdict = this.verdict(method, url);
    if (verdict === "cut") {
      incoming.socket.destroy();
      return;
    }
    if (verdict !== undefined) {
      const { status, retryAfter } = verdict;
      outgoing.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end("spoiled");
      incoming.resume();
      return;
    }
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  }
}
