import type { DataSource } from "../model.js";
import { INPUT } from "../resources/input.js";
import { lookup, readOnly } from "./read-only.js";

export const INPUT_DATA: DataSource = {
  name: "input",
  doc: "An input, found by the names of its bucket and its own.",
  attributes: {
    ...readOnly(INPUT.attributes),
    bucket: lookup("Name or id of the bucket.", "github"),
    name: lookup("Name or id of the input.", "push"),
  },
};
