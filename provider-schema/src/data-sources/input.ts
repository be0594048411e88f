import type { Attribute, DataSource } from "../model.js";
import { INPUT } from "../resources/input.js";
import { readOnly } from "./read-only.js";

export const INPUT_DATA: DataSource = {
  name: "input",
  doc: "An input, found by the names of its bucket and its own.",
  attributes: {
    ...readOnly(INPUT.attributes),
    bucket: { ...INPUT.attributes.bucket, presence: "required", doc: "Name or id of the bucket." } as Attribute,
    name: { ...INPUT.attributes.name, presence: "required", doc: "Name or id of the input." } as Attribute,
  },
};
