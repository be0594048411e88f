import { RelayError } from "../errors.js";
import { compileSchema } from "../validation/compile-schema.js";
import { describeProblem, type SchemaProblem } from "../validation/describe-problem.js";

const MAX_PROBLEMS = 10;

/**
 * Judges by the schema of one resource. The function it returns gives the body back as `T`, fields that are null taken out
 * (clients send null for "not set"), or throws 400 with one line per problem: path, problem, hint. Values are never
 * repeated, they may be secrets.
 */
export function bodyValidator<T>(resource: string, schema: object): (body: unknown) => T {
  const compiled = compileSchema<T>(schema);
  return (body) => {
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      throw new RelayError("invalid", `The body must be a JSON object that describes ${resource}.`);
    }
    const cleaned = withoutNulls(body);
    const validate = compiled();
    if (validate(cleaned)) return cleaned;
    const lines = new Set((validate.errors ?? []).map((error) => line(describeProblem(error, cleaned))));
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

function line({ steps, message, example, advice }: SchemaProblem): string {
  const path = steps.reduce<string>(
    (at, step) => (typeof step === "number" ? `${at}[${step}]` : at === "" ? step : `${at}.${step}`),
    "",
  );
  const hint = advice ?? (example === undefined ? undefined : `for example ${example}`);
  return `${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`;
}
