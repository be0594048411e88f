import { type CheckName, checkProblems } from "@relay/provider-schema";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

/**
 * All problems are reported at once: their senders are authenticated. Beside JSON Schema 2020-12 the schemas use `check` (a
 * function of `CHECKS` of the provider schema), `hint` (an example for people) and `refused` (what to say instead of ajv's
 * message).
 */
const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  // The schemas are our own, and strict mode finds mistakes in them; shorter code takes longer to make than it ever saves.
  validateSchema: false,
  code: { optimize: false },
});
ajv.addVocabulary(["hint", "refused"]);
ajv.addKeyword({ keyword: "check", schemaType: "string", errors: true, validate: runCheck });

/**
 * Compiles a schema when it is first asked for: all of them together were a third of a server's start. What the compiled
 * function finds, `describeProblem` puts into words.
 */
export function compileSchema<T>(schema: object): () => ValidateFunction<T> {
  let compiled: ValidateFunction<T> | undefined;
  return () => {
    compiled ??= ajv.compile<T>(schema);
    return compiled;
  };
}

function runCheck(check: CheckName, value: unknown): boolean {
  const problems = checkProblems(check, value);
  runCheck.errors = problems.map(({ path, message, hint }) => ({ keyword: "check", message, params: { path, hint } }));
  return problems.length === 0;
}
runCheck.errors = [] as Partial<ErrorObject>[];
