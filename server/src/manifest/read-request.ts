import {
  type ManifestProblem,
  manifestPath,
  resolvedManifestSchema,
  SCHEMA,
  type Values,
} from "@relay/provider-schema";
import { didYouMean } from "@relay/provider-schema/nearest-name";
import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { RelayError } from "../errors.js";
import { compileSchema } from "../validation/compile-schema.js";
import { describeProblem } from "../validation/describe-problem.js";
import { ManifestRefusedError } from "./manifest-refused-error.js";
import type { ManifestRequest } from "./manifest-request.js";

interface Body {
  readonly manifest: Values;
  readonly adopt?: readonly string[];
  readonly allow_undelivered_loss?: boolean;
  readonly fingerprint?: string;
}

const PROPERTIES = {
  manifest: resolvedManifestSchema(SCHEMA.resources),
  adopt: { type: "array", maxItems: 20_000, items: { type: "string", maxLength: 2_000 } },
  allow_undelivered_loss: { type: "boolean" },
};
const PLAN = compileSchema<Body>({
  type: "object",
  required: ["manifest"],
  properties: PROPERTIES,
  additionalProperties: false,
});
const APPLY = compileSchema<Body & { readonly fingerprint: string }>({
  type: "object",
  required: ["manifest", "fingerprint"],
  properties: { ...PROPERTIES, fingerprint: { type: "string", maxLength: 200 } },
  additionalProperties: false,
});

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A manifest of 16 MB that is wrong in every value must not take gigabytes to say so. */
const MAX_VALUES = 300_000;
const MAX_PROBLEMS = 1_000;

/** What `plan` is asked for. Throws `ManifestRefusedError` with everything that is wrong, RelayError for another body. */
export function readPlanRequest(name: string, body: unknown): ManifestRequest {
  return request(name, checked(PLAN(), body));
}

/** What `apply` is asked for. Throws as `readPlanRequest` does. */
export function readApplyRequest(name: string, body: unknown): ManifestRequest & { readonly fingerprint: string } {
  const valid = checked(APPLY(), body);
  return { ...request(name, valid), fingerprint: valid.fingerprint };
}

/** Throws 400 for what can be no manifest's name. */
export function requireManifestName(name: string): void {
  if (NAME.test(name)) return;
  throw new RelayError(
    "invalid",
    "The name of a manifest has 1 to 63 lower-case letters, digits and hyphens, and begins with a letter or digit.",
  );
}

function request(name: string, { manifest, adopt = [], allow_undelivered_loss = false }: Body): ManifestRequest {
  return { name, content: manifest, adopt, allowUndeliveredLoss: allow_undelivered_loss };
}

function checked<T>(validate: ValidateFunction<T>, body: unknown): T {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new RelayError("invalid", 'The body must be a JSON object: {"manifest": {"buckets": {...}}}.');
  }
  if (countValues(body, MAX_VALUES) > MAX_VALUES) {
    throw new RelayError(
      "too-large",
      `The manifest has more than ${MAX_VALUES.toLocaleString("en")} values. Divide it.`,
    );
  }
  if (validate(body)) return body;
  const problems = new Map<string, ManifestProblem>();
  for (const error of validate.errors ?? []) {
    // Said by the problem of the name itself.
    if (error.keyword === "propertyNames") continue;
    const problem = inWords(error, body);
    problems.set(`${problem.path}\n${problem.message}`, problem);
    if (problems.size === MAX_PROBLEMS) break;
  }
  throw new ManifestRefusedError([...problems.values()]);
}

function inWords(error: ErrorObject, body: unknown): ManifestProblem {
  if (error.keyword === "additionalProperties") {
    const unknown = String(error.params.additionalProperty);
    const { properties = {} } = error.parentSchema as { properties?: object };
    const names = Object.keys(properties);
    const { steps } = describeProblem(error, body);
    const hint = didYouMean(unknown, names);
    return {
      path: inManifest([...steps, unknown]),
      message: "is not known here",
      hint: hint === "" ? `There is ${names.join(", ")}.` : hint.slice(2),
    };
  }
  const { steps, message, example, advice } = describeProblem(error, body);
  const hint = example === undefined ? advice : `For example ${example}`;
  return { path: inManifest(steps), message, ...(hint === undefined ? {} : { hint: sentence(hint) }) };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Paths of people begin inside the manifest. */
function inManifest(steps: readonly (string | number)[]): string {
  return manifestPath(steps[0] === "manifest" && steps.length > 1 ? steps.slice(1) : steps);
}

/** How many values there are inside, counted up to a little beyond `limit`. */
function countValues(value: object, limit: number): number {
  let count = 0;
  const waiting: object[] = [value];
  for (let next = waiting.pop(); next !== undefined && count <= limit; next = waiting.pop()) {
    const inside: unknown[] = Array.isArray(next) ? next : Object.values(next);
    count += inside.length;
    for (const each of inside) if (typeof each === "object" && each !== null) waiting.push(each);
  }
  return count;
}
