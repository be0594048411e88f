import type { Logger } from "pino";
import type { Output } from "../catalog/model.js";
import { type CompiledRules, compileRules } from "./compile-rules.js";
import type { WebhookFacts } from "./webhook-facts.js";

/** Asks the rules of outputs about webhooks. */
export class OutputRules {
  /** Compiled once for as long as the settings of an output live, which never change. */
  readonly #compiled = new WeakMap<object, CompiledRules>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Why the rules of an output reject a webhook; undefined when they accept it. */
  rejection({ id, settings }: Output, facts: () => WebhookFacts): string | undefined {
    if (settings.rules === undefined || settings.rules === null) return undefined;
    try {
      let compiled = this.#compiled.get(settings);
      if (compiled === undefined) {
        compiled = compileRules(settings.rules);
        this.#compiled.set(settings, compiled);
      }
      const verdict = compiled.accepts(facts());
      return verdict.accepted ? undefined : verdict.reason;
    } catch (error) {
      // Many webhooks are planned together: none of them may fail for the rules of one output.
      this.#logger.error({ err: error, outputId: id }, "rules.failed");
      return "rules: could not be evaluated; the server's log says why";
    }
  }
}
