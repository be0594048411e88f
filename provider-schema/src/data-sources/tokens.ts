import type { DataSource } from "../model.js";
import { TOKEN } from "../resources/token.js";
import { readOnly } from "./read-only.js";

export const TOKENS_DATA: DataSource = {
  name: "tokens",
  doc: "All tokens, without their secrets.",
  attributes: {
    tokens: {
      presence: "computed",
      doc: "The tokens, in the order they were made.",
      kind: { type: "list", of: { type: "object", attributes: readOnly(TOKEN.attributes) } },
    },
  },
};
