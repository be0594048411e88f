import type { Resource } from "../model.js";
import { DESCRIPTION, ID, nameAttribute } from "./common.js";

export const FUNCTION: Resource = {
  name: "function",
  plural: "functions",
  doc: "A function is code that sees each webhook of the inputs and outputs that name it: it changes it, answers it or stops it.",
  importExample: "only-pushes",
  attributes: {
    id: ID,
    name: { ...nameAttribute("function", "only-pushes"), doc: "Name of the function, unique on the server." },
    description: DESCRIPTION,
    driver: {
      kind: { type: "string", oneOf: ["js", "lua"] },
      presence: { default: "js" },
      doc: "Language of the source: `js` is JavaScript, `lua` is Lua.",
    },
    payload: {
      kind: { type: "string" },
      presence: "required",
      check: "source",
      example: "if (r.method !== 'POST') r.stopForwarding();",
      doc: "Source of the function, at most 262,144 bytes.",
    },
    variables: {
      kind: { type: "map", of: { type: "string" } },
      presence: "optional",
      check: "variables",
      secret: "given",
      sealed: true,
      doc: "What the function reads by `cfg.get(name)`: at most 100 texts by their name. Kept encrypted and never shown. Left out, the function keeps those it has; `{}` takes all away.",
    },
  },
};
