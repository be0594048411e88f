import { readFileSync } from "node:fs";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Json } from "../model.js";
import type { Answer } from "./answer.js";
import { RelayApiError } from "./relay-api-error.js";
import { retryDelayMs } from "./retry-delay.js";

export interface RelayApiOptions {
  /** Base address, with or without a slash at the end. */
  readonly address: string;
  readonly key: string;
  readonly secret: string;
  /** PEM file of the authority that signed the server's certificate; undefined: the system's. */
  readonly caFile?: string | undefined;
  readonly userAgent: string;
  /** Who manages what is made, such as `terraform`. */
  readonly managedBy: string;
  /** Milliseconds a request may take. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** Tries of a request that the server was too busy for, or that did not reach it. */
const MAX_TRIES = 6;
/** An answer beyond this is none of ours. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** What an API with a deadline has in common with the one that it is of. */
interface Shared {
  readonly agent: HttpAgent | HttpsAgent;
  readonly stop: AbortController;
  readonly deadline: AbortSignal;
}

/** The management API, as the providers use it: JSON, retries while the server is busy, errors in words. */
export class RelayApi {
  readonly #options: RelayApiOptions;
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #stop: AbortController;
  /** Ends requests too. */
  readonly #deadline: AbortSignal | undefined;

  /** Throws RelayApiError when the address or the authority's file is wrong, or credentials would cross a network in the clear. */
  constructor(options: RelayApiOptions, shared?: Shared) {
    this.#options = options;
    this.#stop = shared?.stop ?? new AbortController();
    this.#deadline = shared?.deadline;
    if (!URL.canParse(options.address)) throw new RelayApiError(0, `the address ${options.address} is not a URL`);
    this.#base = new URL(options.address);
    if (shared !== undefined) {
      this.#agent = shared.agent;
    } else if (this.#base.protocol === "http:") {
      if (!isLoopback(this.#base.hostname)) {
        throw new RelayApiError(
          0,
          `the address ${this.#base.origin} is plain http: the secret would cross the network in the clear; use https`,
        );
      }
      this.#agent = new HttpAgent({ keepAlive: true, maxSockets: 16 });
    } else if (this.#base.protocol === "https:") {
      const ca = options.caFile === undefined ? {} : { ca: readAuthority(options.caFile) };
      this.#agent = new HttpsAgent({ keepAlive: true, maxSockets: 16, ...ca });
    } else {
      throw new RelayApiError(0, `the address ${options.address} is not http or https`);
    }
  }

  /** The answer's JSON; undefined for 404. Throws RelayApiError for every other refusal. */
  async find(path: string): Promise<Json | undefined> {
    try {
      return await this.send("GET", path);
    } catch (error) {
      if (error instanceof RelayApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** The answer's JSON, null for an empty one. Throws RelayApiError. */
  async send(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: Json): Promise<Json> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    for (let tries = 1; ; tries += 1) {
      let answer: Answer | undefined;
      let failure: Error | undefined;
      if (this.#stop.signal.aborted) throw new RelayApiError(0, `${method} ${path} was interrupted`);
      try {
        answer = await this.#request(method, path, text);
      } catch (error) {
        failure = error as Error;
      }
      if (this.#deadline?.aborted && answer === undefined) {
        throw new RelayApiError(0, `${method} ${path} did not end within its timeout`);
      }
      if (answer !== undefined && answer.status >= 200 && answer.status < 300) return parsed(answer, this.#base.origin);
      const wait = tries < MAX_TRIES ? retryDelayMs({ method, answer, failure, tries }) : undefined;
      if (wait === undefined) throw this.#refusal(method, path, answer, failure);
      await this.#sleep(wait);
    }
  }

  /** The same API for what must have ended `ms` from now: waits and requests end then. */
  within(ms: number): RelayApi {
    return new RelayApi(this.#options, { agent: this.#agent, stop: this.#stop, deadline: AbortSignal.timeout(ms) });
  }

  /**
   * Ends what waits for another try, and sends nothing more. Requests on their way come to their end: cut, nobody would
   * know whether they were carried out.
   */
  stop(): void {
    this.#stop.abort();
  }

  #sleep(ms: number): Promise<void> {
    const signal = this.#endedBy(this.#stop.signal);
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  #endedBy(signal: AbortSignal): AbortSignal {
    return this.#deadline === undefined ? signal : AbortSignal.any([signal, this.#deadline]);
  }

  #request(method: string, path: string, body: string | undefined): Promise<Answer> {
    const { key, secret, userAgent, managedBy, timeoutMs = TIMEOUT_MS } = this.#options;
    const send = this.#base.protocol === "https:" ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const request = send(
        new URL(this.#base.pathname.replace(/\/+$/, "") + path, this.#base),
        {
          method,
          agent: this.#agent,
          signal: this.#endedBy(AbortSignal.timeout(timeoutMs)),
          headers: {
            accept: "application/json",
            authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`,
            "user-agent": userAgent,
            "relay-managed-by": managedBy,
            ...(body === undefined
              ? {}
              : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
          },
        },
        (response) => readAnswer(response).then(resolve, reject),
      );
      request.on("error", reject);
      request.end(body);
    });
  }

  #refusal(method: string, path: string, answer: Answer | undefined, failure: Error | undefined): RelayApiError {
    const { origin } = this.#base;
    if (answer === undefined) {
      const code = (failure as NodeJS.ErrnoException | undefined)?.code;
      const why =
        failure?.name === "TimeoutError" ? "it did not answer in time" : failure?.message || code || "no answer";
      return new RelayApiError(0, `cannot reach ${origin}: ${why}`, { cause: failure });
    }
    const said = messageOf(answer.text);
    const hint = answer.status === 401 ? " The server does not accept this key and secret." : "";
    return new RelayApiError(answer.status, `${origin} answered ${answer.status} to ${method} ${path}: ${said}${hint}`);
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers["retry-after"],
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

function parsed({ text }: Answer, origin: string): Json {
  try {
    return text === "" ? null : (JSON.parse(text) as Json);
  } catch {
    throw new RelayApiError(
      0,
      `${origin} answered with something that is not JSON: is it the address of a relay server?`,
    );
  }
}

/** Error bodies are plain text, or JSON with `message`. */
function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { message?: unknown } | null;
    if (typeof body?.message === "string") return body.message;
  } catch {
    // Plain text.
  }
  return text.trim().slice(0, 2_000) || "no reason given";
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new RelayApiError(0, `the authority's file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
