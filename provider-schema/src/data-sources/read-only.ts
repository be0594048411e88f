import type { Attribute, Attributes, Kind } from "../model.js";

/** Attributes as the server shows them: all computed, without what it never shows and what it does not know. */
export function readOnly(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, attribute]) => attribute.secret === undefined && attribute.only === undefined)
      .map(([name, { kind, doc, unit }]): [string, Attribute] => [
        name,
        { kind: readOnlyKind(kind), presence: "computed", doc, ...(unit === undefined ? {} : { unit }) },
      ]),
  );
}

function readOnlyKind(kind: Kind): Kind {
  switch (kind.type) {
    case "object":
      return { type: "object", attributes: readOnly(kind.attributes) };
    case "list":
    case "set":
    case "map":
      return { ...kind, of: readOnlyKind(kind.of) };
    default:
      return kind;
  }
}

/** What an object is looked up by: its name, or its id, which no name may look like. */
export function lookup(doc: string, example: string): Attribute {
  return { kind: { type: "string", maxLength: 200 }, presence: "required", example, doc };
}
