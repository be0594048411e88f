import { createSecureContext } from "node:tls";
import type { Dispatcher } from "undici";
import { CallError } from "../destination/call-error.js";
import { describeFailure } from "../destination/describe-failure.js";
import { type CallResult, DestinationCall } from "../destination/destination-call.js";
import { DestinationConnections } from "../destination/destination-connections.js";
import { type Destination, parseDestination, requestTarget } from "../destination/destination-url.js";
import type { DestinationGuard } from "../destination/guard/destination-guard.js";
import { guardedConnector } from "../destination/guarded-connector.js";
import type { OutboundProxy } from "../destination/outbound-proxy.js";
import { FUNCTION_LIMITS } from "../functions/function-limits.js";
import type { HttpAnswer, HttpAsk, HttpCaller, HttpCallOptions } from "../functions/http-ask.js";
import { requestHeaders } from "./request-headers.js";

export interface GuardedHttpOptions {
  readonly guard: DestinationGuard;
  readonly proxy: OutboundProxy | null;
}

const NOTHING_APPENDED = { path: "", query: "", hasQuery: false };
const METHOD = /^[A-Z][A-Z0-9_-]{0,31}$/;

/**
 * Makes the HTTP calls of functions as a public destination is called: to addresses that the guard has vetted, through the
 * outbound proxy, with the certificate checked and no redirect followed. Each call has a connection of its own, so that no
 * answer meets another function, and none is lost to a connection that was about to close. Nothing of a call is logged.
 */
export function guardedHttp({ guard, proxy }: GuardedHttpOptions): HttpCaller {
  const tls = { context: createSecureContext(), verify: true, serverName: null };
  return {
    async call(ask, options) {
      let destination: Destination;
      let headers: string[];
      try {
        destination = parseDestination(ask.url, false);
        headers = requestHeaders(ask.headers, destination.authorization);
      } catch (error) {
        return { kind: "failed", text: (error as Error).message };
      }
      if (!METHOD.test(ask.method) || ask.method === "CONNECT")
        return { kind: "failed", text: "there is no such method" };
      const ms = options.timeoutMs;
      const connect = guardedConnector({ guard, proxy, tls, timeouts: { dnsMs: ms, connectMs: ms, tlsMs: ms } });
      const { origin } = destination;
      const connections = new DestinationConnections({ origin, connect, manner: "" });
      return send(ask, {
        ...options,
        origin,
        connections,
        path: requestTarget(destination, NOTHING_APPENDED),
        headers,
      });
    },
  };
}

interface Sending extends HttpCallOptions {
  readonly origin: string;
  readonly connections: DestinationConnections;
  readonly path: string;
  readonly headers: string[];
}

function send(ask: HttpAsk, sending: Sending): Promise<HttpAnswer> {
  const { origin, connections, path, headers, timeoutMs, signal } = sending;
  return new Promise((resolve) => {
    const client = connections.take();
    const cancel = (): void => call.cancel(new CallError("cancelled", "nobody waits for the answer"));
    const done = (result: CallResult): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
      connections.giveBack(client, false);
      resolve(answerOf(result, origin));
    };
    const call: DestinationCall = new DestinationCall(performance.now(), done, {
      keepBytes: FUNCTION_LIMITS.httpAnswerBytes,
      keepDelivered: true,
      passBytes: 0,
    });
    const late = `${origin} did not answer within ${timeoutMs / 1_000} s`;
    const timer = setTimeout(() => call.cancel(new CallError("headers-timeout", late)), timeoutMs);
    signal.addEventListener("abort", cancel);
    const method = ask.method as Dispatcher.HttpMethod;
    const body = ask.body.length === 0 ? null : ask.body;
    client.dispatch({ path, method, headers, body }, call as Dispatcher.DispatchHandler);
  });
}

function answerOf({ status, error, cut, truncated, headers, body }: CallResult, origin: string): HttpAnswer {
  if (truncated) {
    return {
      kind: "failed",
      text: `the answer of ${origin} is longer than ${FUNCTION_LIMITS.httpAnswerBytes >> 10} KiB`,
    };
  }
  if (error !== null) return { kind: "failed", text: describeFailure(error, origin).text };
  if (cut !== null) {
    const why =
      cut instanceof CallError ? cut.message : `${origin} answered ${status} and broke off before the end of it`;
    return { kind: "failed", text: why };
  }
  const lines = headers.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toString("latin1"), headers[at + 1]?.toString("latin1") ?? ""]] : [],
  );
  return { kind: "answered", status, headers: lines, body: Buffer.concat(body) };
}
