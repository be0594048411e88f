import type { HttpAnswer, HttpAsk, HttpCaller } from "@relay/server/functions";
import type { TestCall } from "./test-call.js";

/** Answers the HTTP calls of a function by what its test says; nothing leaves this machine. */
export class TestHttp implements HttpCaller {
  #calls: readonly TestCall[] = [];
  #made = new Set<TestCall>();
  #unknown: string[] = [];

  begin(calls: readonly TestCall[]): void {
    this.#calls = calls;
    this.#made = new Set();
    this.#unknown = [];
  }

  async call({ method, url }: HttpAsk): Promise<HttpAnswer> {
    const call = this.#calls.find((each) => each.url === url && (each.method ?? method) === method);
    if (call === undefined) {
      this.#unknown.push(`${method} ${url}`);
      return { kind: "failed", text: `the test has no answer for ${method} ${url}` };
    }
    this.#made.add(call);
    const { status, header, body, error } = call;
    if (error !== undefined) return { kind: "failed", text: error };
    const headers = Object.entries(header).map(
      ([name, value]) => [name, Buffer.from(value).toString("latin1")] as const,
    );
    return { kind: "answered", status, headers, body: Buffer.from(body) };
  }

  /** What differs from the calls that the test names. */
  problems(): string[] {
    const missing = this.#calls.filter((call) => !this.#made.has(call));
    return [
      ...this.#unknown.map((call) => `http: the test has no answer for ${call}`),
      ...missing.map(({ method, url }) => `http: was never called: ${method === undefined ? "" : `${method} `}${url}`),
    ];
  }
}
