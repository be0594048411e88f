import type { ErrorObject } from "ajv/dist/2020.js";

export interface SchemaProblem {
  /** Steps to the value: names, and positions of list elements. */
  readonly steps: readonly (string | number)[];
  /** Never repeats a value, it may be a secret. */
  readonly message: string;
  /** A value that would do, as JSON. */
  readonly example?: string;
  /** What to do, in words. */
  readonly advice?: string;
}

/** One problem that a compiled schema found in `root`, in words. */
export function describeProblem(error: ErrorObject, root: unknown): SchemaProblem {
  const schema = error.parentSchema as { hint?: string; refused?: string } | undefined;
  const missing = error.keyword === "required" ? String(error.params.missingProperty) : undefined;
  const at = stepsOf(error.instancePath, root);
  const named = nameOf(error);
  const name = missing ?? named;
  const steps = name === undefined ? at : [...at, name];
  if (schema?.refused !== undefined) return { steps, message: schema.refused };
  const { path: inside = [], hint: advice } = error.params as { path?: (string | number)[]; hint?: string };
  if (inside.length > 0 || advice !== undefined) {
    const message = error.message ?? "is not valid";
    return { steps: [...steps, ...inside], message, ...(advice === undefined ? {} : { advice }) };
  }
  const example = missing === undefined ? schema?.hint : hintOf(error, missing);
  const message = named === undefined ? problemOf(error) : `as a name ${problemOf(error)}`;
  return example === undefined ? { steps, message } : { steps, message, example };
}

/** The name that is wrong itself, instead of the value behind it. A keyword of our own does not tell it as ajv's do. */
function nameOf({ schemaPath, data }: ErrorObject): string | undefined {
  return /\/propertyNames\/[^/]+$/.test(schemaPath) ? String(data) : undefined;
}

function hintOf(error: ErrorObject, property: string): string | undefined {
  const schema = error.parentSchema as { properties?: Record<string, { hint?: string }> } | undefined;
  return schema?.properties?.[property]?.hint;
}

/** `/headers/X-A/0` as its steps. */
function stepsOf(pointer: string, root: unknown): (string | number)[] {
  let at = root;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(at) ? Number(name) : name;
      at = (at as { readonly [name: string]: unknown } | undefined)?.[name];
      return step;
    });
}

function problemOf(error: ErrorObject): string {
  const { params, data } = error;
  switch (error.keyword) {
    case "required":
      return "is required";
    case "type":
      return `must be ${article(String([params.type].flat()[0]))}, not ${typeOf(data)}`;
    case "minLength":
      return "must not be empty";
    case "maxLength":
      return `must have at most ${params.limit} characters, it has ${String(data).length}`;
    case "maxItems":
      return `must have at most ${params.limit} entries`;
    case "minimum":
    case "maximum":
      return `must be ${error.keyword === "minimum" ? "at least" : "at most"} ${params.limit}`;
    case "enum":
      return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    default:
      return error.message ?? "is not valid";
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return article(typeof value);
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
