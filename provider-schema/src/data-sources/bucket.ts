import type { Attribute, Attributes, DataSource } from "../model.js";
import { BUCKET } from "../resources/bucket.js";
import { INPUT } from "../resources/input.js";
import { OUTPUT } from "../resources/output.js";
import { lookup, readOnly } from "./read-only.js";

const MANAGED_BY: Attribute = {
  kind: { type: "string" },
  presence: "computed",
  doc: "Who manages it: `manifest/<name>`, `terraform`, `pulumi`, or empty for people.",
};

/** What a bucket shows of the inputs and outputs in it. */
function content(attributes: Attributes): Attribute["kind"] {
  const { bucket: _, ...own } = attributes;
  return { type: "list", of: { type: "object", attributes: readOnly(own) } };
}

export const BUCKET_DATA: DataSource = {
  name: "bucket",
  doc: "A bucket with its inputs and outputs.",
  attributes: {
    ...readOnly(BUCKET.attributes),
    name: lookup("Name or id of the bucket.", "github"),
    managed_by: MANAGED_BY,
    inputs: { kind: content(INPUT.attributes), presence: "computed", doc: "Its inputs, in the order they were made." },
    outputs: {
      kind: content(OUTPUT.attributes),
      presence: "computed",
      doc: "Its outputs, in the order they were made.",
    },
  },
};
