import type { Logger } from "pino";
import type { Output } from "../catalog/model.js";
import { WebhookRequest } from "../wire/generated/relay.js";
import { decodeHeaderBlock } from "../wire/header-block.js";
import { type CompiledRules, compileRules } from "./compile-rules.js";
import { WebhookFacts } from "./webhook-facts.js";

/** Asks the rules of outputs about webhooks. */
export class OutputRules {
  /** Compiled once for as long as the settings of an output live, which never change. */
  readonly #compiled = new WeakMap<object, CompiledRules>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** One webhook, an encoded `WebhookRequest`, which is decoded only when an output has rules. */
  of(request: Uint8Array): (output: Output) => string | undefined {
    let facts: WebhookFacts | undefined;
    return (output) => {
      const { rules } = output.settings;
      if (rules === undefined || rules === null) return undefined;
      facts ??= factsOf(request);
      return this.#rejection(output, facts);
    };
  }

  /** Why the rules of an output reject a webhook; undefined when they accept it. */
  #rejection({ id, settings }: Output, facts: WebhookFacts): string | undefined {
    try {
      let compiled = this.#compiled.get(settings);
      if (compiled === undefined) {
        compiled = compileRules(settings.rules);
        this.#compiled.set(settings, compiled);
      }
      const verdict = compiled.accepts(facts);
      return verdict.accepted ? undefined : verdict.reason;
    } catch (error) {
      // Many webhooks are planned together: none of them may fail for the rules of one output.
      this.#logger.error({ err: error, outputId: id }, "rules.failed");
      return "rules: could not be evaluated; the server's log says why";
    }
  }
}

function factsOf(request: Uint8Array): WebhookFacts {
  const { method, path, query, headers, body, remoteAddress } = WebhookRequest.decode(request);
  return new WebhookFacts({ method, path, rawQuery: query, headers: decodeHeaderBlock(headers), body, remoteAddress });
}
