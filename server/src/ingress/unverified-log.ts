import type { Logger } from "pino";
import type { Input } from "../catalog/model.js";
import type { Refusal } from "../verification/verification.js";

/** Any stranger can send what is not verified: a line for each would fill the log. */
const SILENT_MS = 60_000;

/** Tells of each input at most once a minute that webhooks were refused, and how many since. */
export class UnverifiedLog {
  readonly #logger: Logger;
  readonly #inputs = new WeakMap<Input, { untilMs: number; unsaid: number }>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(input: Input, reason: Refusal, nowMs: number): void {
    const entry = this.#inputs.get(input);
    if (entry !== undefined && nowMs < entry.untilMs) {
      entry.unsaid += 1;
      return;
    }
    this.#inputs.set(input, { untilMs: nowMs + SILENT_MS, unsaid: 0 });
    const { id, bucketId } = input;
    this.#logger.warn({ inputId: id, bucketId, reason, unsaid: entry?.unsaid ?? 0 }, "webhook.unverified");
  }
}
