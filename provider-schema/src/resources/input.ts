import type { Attribute, Resource } from "../model.js";
import { BUCKET_ID, BUCKET_REFERENCE, DESCRIPTION, functionReference, ID, nameAttribute } from "./common.js";
import { VERIFICATION } from "./verification.js";

export const HEADERS_KIND: Attribute["kind"] = { type: "map", of: { type: "list", of: { type: "string" } } };

export const INPUT: Resource = {
  name: "input",
  plural: "inputs",
  parent: "bucket",
  doc: "An input is a public HTTP endpoint. What it takes goes to the outputs of its bucket.",
  importExample: "github/push",
  attributes: {
    id: ID,
    bucket: BUCKET_REFERENCE,
    bucket_id: BUCKET_ID,
    name: { ...nameAttribute("input", "push"), doc: "Name of the input, unique in its bucket." },
    description: DESCRIPTION,
    status_code: {
      kind: { type: "integer" },
      presence: { default: 0 },
      check: "statusCode",
      example: 202,
      doc: "Status of the answer, from 200 to 599; 0 answers as 200.",
    },
    headers: {
      kind: HEADERS_KIND,
      presence: { default: {} },
      check: "headers",
      example: { "Content-Type": ["text/plain"] },
      doc: "Fields of the answer: each name with its values.",
    },
    body: { kind: { type: "string" }, presence: { default: "" }, check: "body", doc: "Body of the answer." },
    response_from_output: {
      kind: { type: "string", maxLength: 200 },
      presence: { default: "" },
      check: "text",
      example: "anyOutput",
      doc: "Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`.",
    },
    response_timeout: {
      kind: { type: "integer", minimum: 1, maximum: 60 },
      presence: { default: 10 },
      unit: "seconds",
      example: 25,
      doc: "With `response_from_output`: how long the sender waits; then it gets the input's own answer.",
    },
    verification: VERIFICATION,
    deduplication: {
      presence: { default: { by: "none", name: "", window: 3_600 } },
      combination: "deduplication",
      doc: "Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs.",
      kind: {
        type: "object",
        attributes: {
          by: {
            kind: { type: "string", oneOf: ["none", "header", "payload", "body"] },
            presence: { default: "none" },
            doc: "What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered.",
          },
          name: {
            kind: { type: "string", maxLength: 200 },
            presence: { default: "" },
            example: "X-GitHub-Delivery",
            doc: "Name of the header, or the dotted path in the body.",
          },
          window: {
            kind: { type: "integer", minimum: 1, maximum: 604_800 },
            presence: { default: 3_600 },
            example: 86_400,
            doc: "Seconds for which the first one is remembered, at most 7 days.",
          },
        },
      },
    },
    function: functionReference("sees each webhook before the outputs do: it may change it, answer it or stop it"),
    url: {
      kind: { type: "string" },
      presence: "computed",
      stable: true,
      doc: "Address that senders post to.",
    },
  },
};
