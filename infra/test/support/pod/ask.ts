import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface AskOptions {
  /** Unix socket that leads there. */
  readonly socket: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Authority of the certificate, for https. */
  readonly ca?: Buffer;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks for a URL, whose host is whom the certificate must be for, through a socket in place of the host's address. */
export async function ask(url: string, { socket, body, timeoutMs = 30_000, ...options }: AskOptions): Promise<Answer> {
  const { protocol, hostname } = new URL(url);
  const request = protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      ...options,
      socketPath: socket,
      servername: hostname,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    asking.once("error", reject);
    asking.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asking.end(body);
  });
}
