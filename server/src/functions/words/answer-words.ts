import type { LogLevel } from "../function-result.js";
import { GuestMistake } from "../guest-mistake.js";
import { bytes, headerText, text } from "../guest-value.js";
import type { Word } from "./word.js";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What the sender is told, whether the webhook goes on, what is configured, what is logged. */
export const ANSWER_WORDS: Readonly<Record<string, Word>> = {
  setResponseStatus: (run, [value]) => {
    const status = text(value, "the response status");
    if (!/^\d{3}(\.0+)?$/.test(status)) throw new GuestMistake(`${status.slice(0, 80)} is no response status`);
    run.responseStatus = Number(status);
    return undefined;
  },
  setResponseBody: (run, [value]) => {
    run.responseBody = bytes(value, "the response body");
    return undefined;
  },
  setResponseHeader: (run, [name, value]) => {
    run.setResponseHeader(headerText(name, "the header name"), headerText(value, "the header value"));
    return undefined;
  },
  stopForwarding: (run) => {
    run.stopped = true;
    return undefined;
  },
  variable: (run, [name]) => run.variables.get(text(name, "the name of the variable")),
  log: (run, [level, line]) => {
    const wanted = text(level, "the level");
    run.log.write(LEVELS.find((known) => known === wanted) ?? "info", text(line, "the line"));
    return undefined;
  },
  failed: (run, [message, stack]) => {
    run.guestError = { message: text(message, "the message"), stack: text(stack, "the stack") };
    return undefined;
  },
};
