import { didYouMean } from "@relay/provider-schema/nearest-name";
import type { ErrorObject } from "ajv";
import { isRecord } from "./is-record.js";
import type { Path } from "./path.js";

/** A value that its schema does not allow. */
export interface SchemaProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** Set when the value is missing. */
  readonly missing?: true;
}

/** What ajv found in `root`, in words and once each. Values are never repeated: a secret may stand there by mistake. */
export function schemaProblems(root: unknown, errors: readonly ErrorObject[]): SchemaProblem[] {
  return errors
    .filter(({ keyword, schemaPath }) => keyword !== "propertyNames" && !schemaPath.includes("/oneOf/"))
    .map((error) => {
      const path = pathOf(root, error);
      const message = messageOf(error);
      const hint = hintOf(error);
      return {
        path,
        message,
        ...(hint === undefined ? {} : { hint }),
        ...(error.keyword === "required" ? { missing: true as const } : {}),
      };
    });
}

function pathOf(root: unknown, { instancePath, schemaPath, keyword, params, data }: ErrorObject): Path {
  const path: (string | number)[] = [];
  let value = root;
  for (const escaped of instancePath.split("/").slice(1)) {
    const part = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(part) : part);
    value = isRecord(value) ? value[part] : Array.isArray(value) ? value[Number(part)] : undefined;
  }
  if (keyword === "required") return [...path, String(params.missingProperty)];
  if (keyword === "additionalProperties") return [...path, String(params.additionalProperty)];
  // What is wrong with a name: the data is the name itself.
  if (schemaPath.includes("/propertyNames/")) return [...path, String(data)];
  // A check may find what is wrong inside the value.
  return keyword === "check" && Array.isArray(params.path) ? [...path, ...params.path] : path;
}

function messageOf({ keyword, params, data, message }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return "is required";
    case "additionalProperties":
      return "is not known here";
    case "type":
      return `must be ${typeWords(params.type)}, not ${wordsFor(data)}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case "enum":
      return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
    case "oneOf":
      return typeof data === "string"
        ? "is a secret, which must not stand in the file"
        : "must say where the secret is found";
    case "minLength":
      return "must not be empty";
    case "maxLength":
      return `must have at most ${params.limit} characters, it has ${String(data).length}`;
    case "maxItems":
      return `must have at most ${params.limit} entries`;
    case "minimum":
    case "maximum":
      return `must be ${keyword === "minimum" ? "at least" : "at most"} ${params.limit}`;
    case "pattern":
      return "must be small letters, digits and hyphens, at most 63";
    case "uniqueItems":
      return "has an entry twice";
    default:
      return message ?? "is not valid";
  }
}

function hintOf(error: ErrorObject): string | undefined {
  const { keyword, params, data, parentSchema } = error;
  const schema = parentSchema as SchemaNode | undefined;
  if (keyword === "check" && typeof params.hint === "string") return capitalized(params.hint);
  if (keyword === "oneOf") return "Write { env: NAME } or { file: path }";
  if (keyword === "additionalProperties") return unknownHint(String(params.additionalProperty), schema);
  if (keyword === "required") return exampleHint(schema?.properties?.[String(params.missingProperty)]);
  if (keyword === "type") {
    const types = [params.type].flat();
    if (types.includes("string") && (typeof data === "number" || typeof data === "boolean")) return "Put it in quotes";
    if (types.includes("boolean") && typeof data === "string") return "Write true or false without quotes";
    if (types.includes("integer") && typeof data === "string") return "Write it without quotes";
  }
  return exampleHint(schema);
}

interface SchemaNode {
  readonly hint?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

function exampleHint(schema: SchemaNode | undefined): string | undefined {
  const example = schema?.hint ?? (schema?.examples === undefined ? undefined : JSON.stringify(schema.examples[0]));
  return example === undefined ? undefined : `For example ${example}`;
}

function unknownHint(name: string, schema: SchemaNode | undefined): string | undefined {
  if (name === "<<") return "YAML 1.2 has no merge keys: write it out, or use a TypeScript manifest";
  const known = Object.keys(schema?.properties ?? {});
  const meant = didYouMean(name, known);
  return meant === "" ? `Known are ${known.join(", ")}` : meant.replace(/^\. /, "");
}

function typeWords(types: unknown): string {
  // Objects may be null (`name:` alone); a reader need not hear of it.
  const words = [types]
    .flat()
    .filter((type) => type !== "null")
    .map((type) => TYPE_WORDS[String(type)] ?? String(type));
  return words.join(" or ");
}

function wordsFor(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return (
    { object: "a mapping", string: "text", number: "a number", boolean: "true or false" }[typeof value as string] ??
    typeof value
  );
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
};

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
