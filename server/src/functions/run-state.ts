import type { DeliveryOutcome } from "./delivery-outcome.js";
import { encodePath, encodeQuery } from "./encode-address.js";
import type { FunctionCall } from "./function-call.js";
import { FUNCTION_LIMITS } from "./function-limits.js";
import type { FunctionDone, FunctionResponse } from "./function-result.js";
import { GuestMistake } from "./guest-mistake.js";
import { HeaderLines } from "./header-lines.js";
import { type AskHttp, RunHttp } from "./run-http.js";
import { RunLog } from "./run-log.js";
import { RunStopped } from "./run-stopped.js";

/**
 * What one run has read and changed. It lives outside the guest: a function changes it by calling us with text and bytes,
 * and nothing is ever read back from objects of the guest, where getters and prototypes are its own.
 */
export class RunState {
  readonly log = new RunLog();
  readonly headers: HeaderLines;
  readonly variables: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly http: RunHttp;
  readonly outcome: DeliveryOutcome | undefined;
  stopped = false;
  /** What the guest told of the error that it ended with. */
  guestError: { readonly message: string; readonly stack: string } | undefined;
  readonly #call: FunctionCall;
  #method: string;
  #path: string;
  #rawQuery: string;
  #body: Uint8Array;
  #responseHeaders = new HeaderLines([]);
  #responseStatus: number | undefined;
  #responseBody: Uint8Array | undefined;

  constructor(call: FunctionCall, ask: AskHttp) {
    this.#call = call;
    this.http = new RunHttp(ask);
    const { request } = call;
    this.#method = request.method;
    this.#path = request.path;
    this.#rawQuery = request.rawQuery;
    this.#body = request.body;
    this.headers = new HeaderLines(request.headers);
    this.variables = new Map(Object.entries(call.variables));
    this.metadata = call.metadata;
    this.outcome = call.outcome;
  }

  get method(): string {
    return this.#method;
  }

  /** RFC 9110, section 9.1: a method is a token. */
  set method(method: string) {
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(method)) {
      throw new GuestMistake(`${JSON.stringify(method.slice(0, 80))} is no HTTP method`);
    }
    this.#method = method.toUpperCase();
  }

  get path(): string {
    return this.#path;
  }

  set path(path: string) {
    this.#path = encodePath(path);
  }

  get rawQuery(): string {
    return this.#rawQuery;
  }

  set rawQuery(query: string) {
    this.#rawQuery = encodeQuery(query);
  }

  get body(): Uint8Array {
    return this.#body;
  }

  set body(body: Uint8Array) {
    this.#body = requireRoom(body);
  }

  set responseBody(body: Uint8Array) {
    this.#responseBody = requireRoom(body);
  }

  set responseStatus(status: number) {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new GuestMistake(`a response status is a whole number from 200 to 599, not ${status}`);
    }
    this.#responseStatus = status;
  }

  setHeader(name: string, value: string): void {
    if (!this.headers.set(name, value)) this.#tellFraming(name);
  }

  setResponseHeader(name: string, value: string): void {
    if (!this.#responseHeaders.set(name, value)) this.#tellFraming(name);
  }

  result(durationMs: number): FunctionDone {
    const { request } = this.#call;
    const modified = {
      method: this.#method !== request.method,
      path: this.#path !== request.path,
      rawQuery: this.#rawQuery !== request.rawQuery,
      headers: JSON.stringify(this.headers.lines) !== JSON.stringify(request.headers),
      body: this.#body !== request.body && Buffer.compare(this.#body, request.body) !== 0,
    };
    const changed = {
      method: this.#method,
      path: this.#path,
      rawQuery: this.#rawQuery,
      headers: modified.headers ? this.headers.lines : request.headers,
      body: modified.body ? this.#body : request.body,
    };
    const logs = this.log.lines();
    return {
      kind: "done",
      request: changed,
      modified,
      response: this.#response(),
      stopped: this.stopped,
      logs,
      durationMs,
    };
  }

  #response(): FunctionResponse | undefined {
    const headers = this.#responseHeaders.lines.map(([name, value]): [string, string] => [name, value]);
    const status = this.#responseStatus;
    const body = this.#responseBody;
    if (status === undefined && body === undefined && headers.length === 0) return undefined;
    return { ...(status !== undefined && { status }), headers, ...(body !== undefined && { body }) };
  }

  #tellFraming(name: string): void {
    this.log.write("warn", `header ${name} was not set: the relay makes it itself`);
  }
}

function requireRoom(body: Uint8Array): Uint8Array {
  if (body.length <= FUNCTION_LIMITS.bodyBytes) return body;
  throw new RunStopped("output", `the function set a body of more than ${FUNCTION_LIMITS.bodyBytes >> 20} MiB`);
}
