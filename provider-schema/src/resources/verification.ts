import type { Attribute } from "../model.js";

/** How an input tells its senders from strangers; `combinations.ts` says which attributes each type has. */
export const VERIFICATION: Attribute = {
  presence: { default: { type: "none" } },
  combination: "verification",
  doc: "Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`.",
  kind: {
    type: "object",
    attributes: {
      type: {
        kind: {
          type: "string",
          oneOf: ["none", "github", "stripe", "slack", "shopify", "twilio", "standard-webhooks", "hmac"],
        },
        presence: { default: "none" },
        doc: "`none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC.",
      },
      secret: {
        kind: { type: "string" },
        presence: "optional",
        check: "signingSecret",
        secret: "given",
        sealed: true,
        doc: "The secret that the sender signs with. Kept encrypted.",
      },
      previous_secret: {
        kind: { type: "string" },
        presence: "optional",
        check: "signingSecret",
        secret: "given",
        sealed: true,
        doc: "A second secret that is good too, while the sender changes from one to the other. Kept encrypted.",
      },
      previous_secret_until: {
        kind: { type: "integer", minimum: 0 },
        presence: "optional",
        unit: "Unix seconds",
        example: 1798761600,
        doc: "When `previous_secret` ceases to be good. Without it, it is good as long as it is there.",
      },
      tolerance: {
        kind: { type: "integer", minimum: 1, maximum: 86_400 },
        presence: "optional",
        unit: "seconds",
        example: 300,
        doc: "How far the signed time may be from now, for schemes that sign one; 300 without it.",
      },
      url: {
        kind: { type: "string", maxLength: 2000 },
        presence: "optional",
        check: "senderUrl",
        example: "https://hooks.example.com/twilio",
        doc: "For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input.",
      },
      algorithm: {
        kind: { type: "string", oneOf: ["sha1", "sha256", "sha512"] },
        presence: "optional",
        example: "sha512",
        doc: "For `hmac`: the hash; `sha256` without it.",
      },
      encoding: {
        kind: { type: "string", oneOf: ["hex", "base64"] },
        presence: "optional",
        example: "base64",
        doc: "For `hmac`: how the signature is written; `hex` without it.",
      },
      header: {
        kind: { type: "string", maxLength: 200 },
        presence: "optional",
        check: "fieldName",
        example: "X-Signature",
        doc: "For `hmac`: the field that holds the signature.",
      },
      prefix: {
        kind: { type: "string", maxLength: 100 },
        presence: "optional",
        check: "fieldValue",
        example: "sha256=",
        doc: "For `hmac`: what stands before the signature in its field.",
      },
      timestamp_header: {
        kind: { type: "string", maxLength: 200 },
        presence: "optional",
        check: "fieldName",
        example: "X-Timestamp",
        doc: "For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds.",
      },
      signed_content: {
        kind: { type: "string", maxLength: 500 },
        presence: "optional",
        check: "text",
        example: "{timestamp}.{body}",
        doc: "For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it.",
      },
    },
  },
};
