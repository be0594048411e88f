import { CHECKS, type CheckName } from "@relay/provider-schema";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { RelayError } from "../errors.js";

/**
 * All problems are reported at once: bodies are small and their senders authenticated. Beside JSON Schema 2020-12 the
 * schemas use `check` (a function of `CHECKS` of the provider schema), `hint` (an example for people) and `refused` (what to say instead of
 * ajv's message).
 */
const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, strictTypes: false });
ajv.addVocabulary(["hint", "refused"]);
ajv.addKeyword({ keyword: "check", schemaType: "string", errors: true, validate: runCheck });

const MAX_PROBLEMS = 10;

function runCheck(check: CheckName, value: unknown): boolean {
  const problem = CHECKS[check](value);
  runCheck.errors = problem === undefined ? [] : [{ keyword: "check", message: problem, params: {} }];
  return problem === undefined;
}
runCheck.errors = [] as Partial<ErrorObject>[];

/**
 * Compiles the schema of one resource. The function it returns gives the body back as `T`, fields that are null taken out
 * (clients send null for "not set"), or throws 400 with one line per problem: path, problem, hint. Values are never
 * repeated, they may be secrets.
 */
export function bodyValidator<T>(resource: string, schema: object): (body: unknown) => T {
  const validate = ajv.compile<T>(schema);
  return (body) => {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw new RelayError("invalid", `The body must be a JSON object that describes ${resource}.`);
    }
    const cleaned = withoutNulls(body);
    if (validate(cleaned)) return cleaned;
    const lines = new Set((validate.errors ?? []).map(describe));
    throw new RelayError("invalid", [...lines].slice(0, MAX_PROBLEMS).join("\n"));
  };
}

/** Nulls at the top and one level below mean "absent". */
function withoutNulls(body: object, depth = 1): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [
        key,
        depth > 0 && typeof value === "object" && !Array.isArray(value) ? withoutNulls(value, depth - 1) : value,
      ]),
  );
}

function describe(error: ErrorObject): string {
  const schema = error.parentSchema as { hint?: string; refused?: string } | undefined;
  const missing = error.keyword === "required" ? `/${String(error.params.missingProperty)}` : "";
  const hint = missing === "" ? schema?.hint : hintOf(error, String(error.params.missingProperty));
  const text = `${pathOf(error.instancePath + missing)}: ${schema?.refused ?? problemOf(error)}`;
  return hint === undefined || schema?.refused !== undefined ? text : `${text}; for example ${hint}`;
}

function hintOf(error: ErrorObject, property: string): string | undefined {
  const schema = error.parentSchema as { properties?: Record<string, { hint?: string }> } | undefined;
  return schema?.properties?.[property]?.hint;
}

/** `/headers/X-A/0` as `headers.X-A[0]`. */
function pathOf(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === "" ? part : `${path}.${part}`), "");
}

function problemOf(error: ErrorObject): string {
  const { params, data } = error;
  switch (error.keyword) {
    case "required":
      return "is required";
    case "type":
      return `must be ${article(String(params.type))}, not ${typeOf(data)}`;
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
  if (Array.isArray(value)) return "an array";
  return article(typeof value);
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
