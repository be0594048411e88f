import { text } from "../guest-value.js";
import { readHttpAsk } from "./read-http-ask.js";
import type { Word } from "./word.js";

/** Calls to other services. The answer's body is handed over when it is asked for. */
export const HTTP_WORDS: Readonly<Record<string, Word>> = {
  httpRequest: (run, args) => ({ latin1: JSON.stringify(run.http.request(readHttpAsk(args))) }),
  httpBody: (run, [at]) => run.http.body(Number(text(at, "the answer"))),
  httpBodyText: (run, [at]) => text(run.http.body(Number(text(at, "the answer"))), "the body"),
};
