import { type CheckName, checkProblems, manifestSchema, resolvedManifestSchema, SCHEMA } from "@relay/provider-schema";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { type SchemaProblem, schemaProblems } from "./schema-problems.js";

/** What can be said of a manifest without a server. */
export interface ManifestChecks {
  /** Of a manifest as people write it: its form. */
  written(value: unknown): SchemaProblem[];
  /** Of one environment's content, secrets as text: what is required, and what values may be. */
  resolved(content: unknown): SchemaProblem[];
}

/** Compiles the schemas; takes some 50 ms. */
export function createManifestChecks(): ManifestChecks {
  const written = checker(manifestSchema(SCHEMA.resources));
  const resolved = checker(resolvedManifestSchema(SCHEMA.resources));
  return {
    // An environment may complete what the rest leaves open: what is missing is found once they are merged.
    written: (value) => written(value).filter(({ missing, path }) => missing === undefined || path.length === 1),
    resolved,
  };
}

function checker(schema: object): (value: unknown) => SchemaProblem[] {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, strictTypes: false });
  ajv.addVocabulary(["hint"]);
  ajv.addKeyword({ keyword: "check", schemaType: "string", errors: true, validate: runCheck });
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? [] : schemaProblems(value, validate.errors ?? []));
}

function runCheck(check: CheckName, value: unknown): boolean {
  const problems = checkProblems(check, value);
  runCheck.errors = problems.map(({ path, message, hint }) => ({ keyword: "check", message, params: { path, hint } }));
  return problems.length === 0;
}
runCheck.errors = [] as Partial<ErrorObject>[];
