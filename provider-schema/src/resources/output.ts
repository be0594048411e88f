import type { Resource } from "../model.js";
import { BUCKET_ID, BUCKET_REFERENCE, DESCRIPTION, ID, nameAttribute } from "./common.js";
import { HEADERS_KIND } from "./input.js";

export const OUTPUT: Resource = {
  name: "output",
  plural: "outputs",
  parent: "bucket",
  doc: "An output says where the webhooks of its bucket go.",
  importExample: "github/ci",
  attributes: {
    id: ID,
    bucket: BUCKET_REFERENCE,
    bucket_id: BUCKET_ID,
    name: { ...nameAttribute("output", "ci"), doc: "Name of the output, unique in its bucket." },
    description: DESCRIPTION,
    destination: {
      kind: { type: "string", maxLength: 2000 },
      presence: "required",
      check: "destination",
      example: "http://localhost:3000/hooks",
      doc: "Absolute http or https URL. The agent that calls it must be able to reach it.",
    },
    internal: {
      kind: { type: "boolean" },
      presence: { default: true },
      check: "internal",
      doc: "Whether an agent calls the destination. This version takes `true` only.",
    },
    disabled: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether the output gets nothing.",
    },
    lock_path: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether the path behind the input's address is left out of the call.",
    },
    headers: {
      kind: HEADERS_KIND,
      presence: { default: {} },
      check: "headers",
      example: { "X-Environment": ["staging"] },
      doc: "Fields that the call carries instead of those of the webhook: each name with its values.",
    },
    timeout: {
      kind: { type: "integer", minimum: 0, maximum: 180 },
      presence: { default: 0 },
      unit: "seconds",
      example: 30,
      doc: "How long a call may take; 0 is the agent's default.",
    },
    tls_verification: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether the certificate of a public destination must be valid.",
    },
    rules: {
      kind: { type: "json", hides: ["secret"] },
      presence: "optional",
      check: "rules",
      example: { match: { type: "value", parameter: { source: "header", name: "X-GitHub-Event" }, value: "push" } },
      doc: "Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output.",
    },
    agents: {
      kind: { type: "string", oneOf: ["one", "each"] },
      presence: { default: "one" },
      doc: "Who gets a delivery: `one` of the connected agents, or `each` agent known by name.",
    },
  },
};
