import { github } from "./github.js";
import { type HmacScheme, hmac } from "./hmac.js";
import { shopify } from "./shopify.js";
import { slack } from "./slack.js";
import { standardWebhooks } from "./standard-webhooks.js";
import { stripe } from "./stripe.js";
import { twilio } from "./twilio.js";
import type { Verify } from "./verification.js";

/** How the senders of an input prove who they are. */
export type VerificationSettings =
  | { readonly type: "github" | "shopify" }
  | { readonly type: "stripe" | "slack" | "standard-webhooks"; readonly toleranceSeconds: number }
  /** `url`: the input's address as Twilio has it; empty for the public one. */
  | { readonly type: "twilio"; readonly url: string }
  | { readonly type: "hmac"; readonly toleranceSeconds: number; readonly scheme: HmacScheme };

/**
 * What is worked out once for every webhook of an input. A webhook signed with any of the secrets is right, so that a
 * secret can be changed at both ends one after the other. Without a secret every webhook is refused.
 */
export function compileVerification(settings: VerificationSettings, secrets: readonly string[]): Verify {
  switch (settings.type) {
    case "github":
      return github(secrets);
    case "shopify":
      return shopify(secrets);
    case "stripe":
      return stripe(secrets, settings.toleranceSeconds);
    case "slack":
      return slack(secrets, settings.toleranceSeconds);
    case "standard-webhooks":
      return standardWebhooks(secrets, settings.toleranceSeconds);
    case "twilio":
      return twilio(secrets, settings.url);
    case "hmac":
      return hmac(secrets, settings.toleranceSeconds, settings.scheme);
  }
}
