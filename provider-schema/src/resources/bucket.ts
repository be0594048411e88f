import type { Resource } from "../model.js";
import { DESCRIPTION, ID, nameAttribute } from "./common.js";

export const BUCKET: Resource = {
  name: "bucket",
  plural: "buckets",
  doc: "A bucket groups inputs, which take webhooks, and outputs, which say where they go.",
  importExample: "github",
  attributes: {
    id: ID,
    name: { ...nameAttribute("bucket", "github"), doc: "Name of the bucket, unique on the server." },
    description: DESCRIPTION,
    auth: {
      presence: { default: { type: "none" } },
      combination: "auth",
      doc: "What senders must show to be let in.",
      kind: {
        type: "object",
        attributes: {
          type: {
            kind: { type: "string", oneOf: ["none", "basic", "token"] },
            presence: { default: "none" },
            doc: "`none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750).",
          },
          username: {
            kind: { type: "string", maxLength: 200 },
            presence: { default: "" },
            check: "username",
            example: "github",
            doc: "User name for `basic`.",
          },
          password: {
            kind: { type: "string" },
            presence: "optional",
            check: "secret",
            secret: "given",
            doc: "Password for `basic`, at most 72 bytes. Kept as a bcrypt hash.",
          },
          token: {
            kind: { type: "string" },
            presence: "optional",
            check: "secret",
            secret: "given",
            doc: "Bearer token for `token`, at most 72 bytes. Kept as a bcrypt hash.",
          },
        },
      },
    },
    stream: {
      kind: { type: "boolean" },
      presence: { default: true },
      doc: "Whether webhooks are streamed to agents.",
    },
    ephemeral: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent.",
    },
    large_webhooks: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether bodies beyond the usual limit are taken.",
    },
  },
};
