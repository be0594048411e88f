import { type CheckName, checkProblems, manifestSchema, resolvedManifestSchema, SCHEMA } from "@relay/provider-schema";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type SchemaProblem, schemaProblems } from "./schema-problems.js";

/** What can be said of a manifest without a server. */
export interface ManifestChecks {
  /** Of a manifest as people write it: its form. */
  written(value: unknown): SchemaProblem[];
  /** Of one environment's content, secrets as text: what is required, and what values may be. */
  resolved(content: unknown): SchemaProblem[];
}

/** The schemas are compiled once, each when something is first judged by it: that takes some 100 ms. */
export const MANIFEST_CHECKS: ManifestChecks = {
  // An environment may complete what the rest leaves open: what is missing is found once they are merged.
  written: (value) => written(value).filter(({ missing, path }) => missing === undefined || path.length === 1),
  resolved: (content) => resolved(content),
};

const written = checker(() => manifestSchema(SCHEMA.resources));
const resolved = checker(() => resolvedManifestSchema(SCHEMA.resources));

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  // The schemas are our own, and strict mode finds mistakes in them; shorter code takes longer to make than it saves.
  validateSchema: false,
  code: { optimize: false },
});
ajv.addVocabulary(["hint"]);
ajv.addKeyword({ keyword: "check", schemaType: "string", errors: true, validate: runCheck });

function checker(schema: () => object): (value: unknown) => SchemaProblem[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= ajv.compile(schema());
    return validate(value) ? [] : schemaProblems(value, validate.errors ?? []);
  };
}

function runCheck(check: CheckName, value: unknown): boolean {
  const problems = checkProblems(check, value);
  runCheck.errors = problems.map(({ path, message, hint }) => ({ keyword: "check", message, params: { path, hint } }));
  return problems.length === 0;
}
runCheck.errors = [] as Partial<ErrorObject>[];
