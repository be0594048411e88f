import type { Resource } from "../model.js";
import { BUCKET_ID, BUCKET_REFERENCE, DESCRIPTION, functionReference, ID, nameAttribute } from "./common.js";
import { HEADERS_KIND } from "./input.js";
import { PUBLIC_DESTINATION } from "./public-destination.js";

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
      doc: "Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`.",
    },
    internal: {
      kind: { type: "boolean" },
      presence: { default: true },
      doc: "Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet.",
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
      doc: "Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in.",
    },
    timeout: {
      kind: { type: "integer", minimum: 0, maximum: 180 },
      presence: { default: 0 },
      unit: "seconds",
      example: 30,
      doc: "How long a call may take; 0 is the default of who calls: 30 seconds.",
    },
    tls_verification: {
      kind: { type: "boolean" },
      presence: { default: false },
      doc: "Whether the certificate of a public destination must be valid.",
    },
    retry: {
      presence: { default: { schedule: "default", delays: [], deadline: "" } },
      combination: "retry",
      doc: "When a delivery that failed is tried again.",
      kind: {
        type: "object",
        attributes: {
          schedule: {
            kind: { type: "string", oneOf: ["default", "none", "seconds", "medium", "long", "custom"] },
            presence: { default: "default" },
            doc: "`default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once.",
          },
          delays: {
            kind: { type: "list", of: { type: "string" }, maxItems: 100 },
            presence: { default: [] },
            check: "durations",
            example: ["5s", "1m", "1h"],
            doc: "With `custom`: the time before each retry.",
          },
          deadline: {
            kind: { type: "string", maxLength: 20 },
            presence: { default: "" },
            check: "duration",
            example: "12h",
            doc: "How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own.",
          },
        },
      },
    },
    throttle: {
      presence: { default: { rate: 0, interval: "second", max_concurrent: 0 } },
      doc: "How fast the destination is called; what comes faster waits, oldest first.",
      kind: {
        type: "object",
        attributes: {
          rate: {
            kind: { type: "integer", minimum: 0, maximum: 100_000 },
            presence: { default: 0 },
            example: 10,
            doc: "Most calls in an interval, over all servers; 0 is as many as there are.",
          },
          interval: {
            kind: { type: "string", oneOf: ["second", "minute", "hour"] },
            presence: { default: "second" },
            doc: "The interval of `rate`.",
          },
          max_concurrent: {
            kind: { type: "integer", minimum: 0, maximum: 1_000 },
            presence: { default: 0 },
            example: 1,
            doc: "Most calls at a time, over all servers; 0 is the server's own limit.",
          },
        },
      },
    },
    order: {
      presence: { default: { by: "none", name: "" } },
      combination: "order",
      doc: "Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again.",
      kind: {
        type: "object",
        attributes: {
          by: {
            kind: { type: "string", oneOf: ["none", "output", "header", "payload"] },
            presence: { default: "none" },
            doc: "`output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body.",
          },
          name: {
            kind: { type: "string", maxLength: 200 },
            presence: { default: "" },
            example: "data.object.id",
            doc: "Name of the header, or the dotted path in the body. Webhooks without it are one key of their own.",
          },
        },
      },
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
    ...PUBLIC_DESTINATION,
    function: functionReference("sees each webhook on its way to this output alone: it may change it or stop it"),
    response_function: {
      ...functionReference(
        "runs when a delivery is over, and sees what the destination answered; it changes nothing of it",
      ),
      example: "tell-chat",
    },
  },
};
