import { Agent, type buildConnector, request } from "undici";
import { CliError, EXIT } from "../cli/exit-codes.js";
import { certificateProblem } from "../link/certificate-problem.js";
import type { HttpProxy } from "../link/http-proxy.js";
import { readAuthorities, type TlsSettings } from "../link/tls-settings.js";
import { openTlsTunnel } from "../link/tls-tunnel.js";
import { refusePlainText } from "./refuse-plain-text.js";

export interface ApiClientOptions {
  /** REST base without trailing slash and without /v1. */
  readonly address: string;
  /** Null: no credentials are sent. */
  readonly credentials: { readonly key: string; readonly secret: string } | null;
  readonly tls: TlsSettings;
  /** Null: the server is reached directly. */
  readonly proxy: HttpProxy | null;
  readonly userAgent: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The server's REST API. Failures are CliErrors in words, with the exit code that fits. */
export interface ApiClient {
  readonly address: string;
  /** The answer of any status. Throws CliError when there is none (exit code 4). */
  send(method: string, path: string, body?: string): Promise<ApiResponse>;
  /** The JSON of a successful answer. Throws CliError otherwise. */
  json<T>(method: string, path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** A client for one command; close it at the end. Throws when credentials would cross a network in plain text. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  if (options.credentials !== null) refusePlainText(options.address);
  const ca = options.tls.verify ? readAuthorities(options.tls) : null;
  const dispatcher = new Agent({
    connections: 4,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect:
      options.proxy === null
        ? { rejectUnauthorized: options.tls.verify, ...(ca === null ? {} : { ca }) }
        : throughProxy(options.proxy, options.tls.verify, ca),
  });
  const headers: Record<string, string> = { accept: "application/json", "user-agent": options.userAgent };
  if (options.credentials !== null) {
    const { key, secret } = options.credentials;
    headers.authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  }

  const send = async (method: string, path: string, body?: string): Promise<ApiResponse> => {
    const url = `${options.address}${path}`;
    try {
      const response = await request(url, {
        dispatcher,
        method: method as "GET",
        headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    } catch (cause) {
      throw unreachable(options.address, cause as Error);
    }
  };

  return {
    address: options.address,
    send,
    async json<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await send(method, path, body === undefined ? undefined : JSON.stringify(body));
      if (response.status < 200 || response.status > 299) throw refusal(method, path, response);
      try {
        return (response.text === "" ? null : JSON.parse(response.text)) as T;
      } catch (cause) {
        const hint = "is RELAY_API_ADDRESS the address of a relay server?";
        throw new CliError(
          `${options.address} answered ${method} ${path} with something that is not JSON: ${hint}`,
          EXIT.failure,
          { cause },
        );
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** How undici gets its connections when there is a proxy; the address is https:, as no other one has a proxy. */
function throughProxy(proxy: HttpProxy, verify: boolean, ca: Buffer | null): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    openTlsTunnel({ proxy, host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 443, verify, ca }).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

/** The error of an unsuccessful answer. */
export function refusal(method: string, path: string, response: ApiResponse): CliError {
  const said = messageOf(response.text);
  const reason = said === "" ? "" : `: ${said}`;
  switch (response.status) {
    case 401:
      return new CliError(
        `the server does not accept this key and secret${reason}. Run: relay login`,
        EXIT.unauthorized,
      );
    case 403:
      return new CliError(`this token may not do that (${method} ${path})${reason}`, EXIT.unauthorized);
    case 404:
      return new CliError(`not found (${method} ${path})${reason}`, EXIT.failure);
    case 429:
      return new CliError(`the server takes no more of these for now${reason}`, EXIT.unreachable);
    case 503:
      return new CliError(`the server cannot answer now${reason}. Try again shortly.`, EXIT.unreachable);
    default:
      return new CliError(`the server answered ${response.status} to ${method} ${path}${reason}`, EXIT.failure);
  }
}

/** Error bodies are plain text or JSON with `error`, `message` or `detail`. */
function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as Record<string, unknown> | string | null;
    if (typeof body === "string") return body.trim();
    const said = body?.error ?? body?.message ?? body?.detail;
    if (typeof said === "string") return said.trim();
  } catch {
    // Plain text.
  }
  return text.trim().slice(0, 500);
}

function unreachable(address: string, cause: Error & { code?: string }): CliError {
  const why = cause.message === "" ? (cause.code ?? "no answer") : cause.message;
  const problem = certificateProblem(why) ?? `${why}. Is the server running, and RELAY_API_ADDRESS right?`;
  return new CliError(`cannot reach ${address}: ${problem}`, EXIT.unreachable, { cause });
}
