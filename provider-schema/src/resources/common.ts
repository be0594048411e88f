import type { Attribute } from "../model.js";

/** Attributes that several resources have, said once. */

export const ID: Attribute = {
  kind: { type: "string" },
  presence: "computed",
  stable: true,
  doc: "Id that the server gave it.",
};

/** `of` completes "Name of the …". */
export function nameAttribute(of: string, example: string): Attribute {
  return {
    kind: { type: "string", maxLength: 200 },
    presence: "required",
    check: "name",
    example,
    doc: `Name of the ${of}.`,
  };
}

export const DESCRIPTION: Attribute = {
  kind: { type: "string", maxLength: 2000 },
  presence: { default: "" },
  check: "text",
  doc: "Text for people.",
};

/** The bucket that something belongs to. */
export const BUCKET_REFERENCE: Attribute = {
  kind: { type: "string", maxLength: 200 },
  presence: "required",
  immutable: true,
  example: "github",
  doc: "Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it.",
};

/** The same, whatever the reference is. */
export const BUCKET_ID: Attribute = {
  kind: { type: "string" },
  presence: "computed",
  stable: true,
  doc: "Id of the bucket it belongs to.",
};

/** The function that something runs. `what` completes "Id or name of the function that …". */
export function functionReference(what: string): Attribute {
  return {
    kind: { type: "string", maxLength: 200 },
    presence: { default: "" },
    refersTo: "function",
    example: "only-pushes",
    doc: `Id or name of the function that ${what}; in a manifest its name.`,
  };
}

export const NAMES: Attribute["kind"] = { type: "set", of: { type: "string", maxLength: 200 }, maxItems: 200 };
