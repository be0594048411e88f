import { createHash, createHmac } from "node:crypto";
import { sign } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import twilio from "twilio";

/** A sender as an input's `verification` knows it. */
export interface SigningProvider {
  /** Without its secret. */
  readonly verification: Readonly<Record<string, unknown>>;
  /** Fields of a webhook. `url` is the address as the sender has it. */
  readonly fields: (webhook: SignedWebhook) => Promise<Readonly<Record<string, string>>>;
  /** What stands behind the input's address. */
  readonly suffix?: (body: string) => string;
}

export interface SignedWebhook {
  readonly secret: string;
  readonly body: string;
  readonly url: string;
  readonly nowMs: number;
}

const stripe = new Stripe("sk_test_not_a_key");
const seconds = (nowMs: number) => String(Math.floor(nowMs / 1000));

/** Signed by the provider's own package where it signs, else by what its documentation says. */
export const SIGNING_PROVIDERS: Readonly<Record<string, SigningProvider>> = {
  github: {
    verification: { type: "github" },
    fields: async ({ secret, body }) => ({ "X-Hub-Signature-256": await sign(secret, body) }),
  },
  stripe: {
    verification: { type: "stripe" },
    async fields({ secret, body, nowMs }) {
      const timestamp = Math.floor(nowMs / 1000);
      return { "Stripe-Signature": stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }) };
    },
  },
  slack: {
    verification: { type: "slack", tolerance: 60 },
    async fields({ secret, body, nowMs }) {
      const time = seconds(nowMs);
      const hash = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
      return { "X-Slack-Signature": `v0=${hash}`, "X-Slack-Request-Timestamp": time };
    },
  },
  shopify: {
    verification: { type: "shopify" },
    async fields({ secret, body }) {
      return { "X-Shopify-Hmac-Sha256": createHmac("sha256", secret).update(body).digest("base64") };
    },
  },
  "twilio, a form": {
    verification: { type: "twilio" },
    suffix: () => "/voice?a=b%20c",
    fields: async ({ secret, body, url }) => ({
      "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
      "X-Twilio-Signature": twilio.getExpectedTwilioSignature(
        secret,
        url,
        Object.fromEntries(new URLSearchParams(body)),
      ),
    }),
  },
  "twilio, JSON": {
    verification: { type: "twilio", url: "https://twilio.example.com/hook" },
    suffix: (body) => `?bodySHA256=${createHash("sha256").update(body).digest("hex")}`,
    fields: async ({ secret, url }) => ({
      "Content-Type": "application/json",
      "X-Twilio-Signature": twilio.getExpectedTwilioSignature(secret, url, {}),
    }),
  },
  "standard-webhooks": {
    verification: { type: "standard-webhooks" },
    async fields({ secret, body, nowMs }) {
      const signature = new Webhook(secret).sign("msg_1", new Date(nowMs), body);
      return { "webhook-id": "msg_1", "webhook-timestamp": seconds(nowMs), "webhook-signature": signature };
    },
  },
  hmac: {
    verification: {
      type: "hmac",
      algorithm: "sha512",
      encoding: "base64",
      header: "X-Signature",
      prefix: "v1=",
      timestamp_header: "X-Time",
    },
    async fields({ secret, body, nowMs }) {
      const hash = createHmac("sha512", secret).update(`${nowMs}.${body}`).digest("base64");
      return { "X-Signature": `v1=${hash}`, "X-Time": String(nowMs) };
    },
  },
};
