import { type Hello, PROTOCOL_VERSION, Reason } from "../wire/index.js";
import type { Refusal } from "./admission.js";

/** What people can read and PostgreSQL can store. */
const AGENT_NAME = /^[^\p{Cc}]{1,200}$/u;

/** Why a hello cannot be answered whoever sent it; undefined when it can. */
export function checkHello(hello: Hello, serverVersion: string): Refusal | undefined {
  if (hello.protocol !== PROTOCOL_VERSION) {
    return {
      reason: Reason.REASON_VERSION,
      message: `The agent speaks version ${hello.protocol} of the agent link, this server (${serverVersion}) version ${PROTOCOL_VERSION}: update the older one.`,
      retryAfterMs: 0,
    };
  }
  if (!AGENT_NAME.test(hello.agent) || hello.window === 0 || hello.windowBytes === 0) {
    return {
      reason: Reason.REASON_PROTOCOL,
      message: "Hello needs an agent name of 1 to 200 printable characters, a window and window bytes.",
      retryAfterMs: 0,
    };
  }
  return undefined;
}
