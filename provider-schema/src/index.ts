export { CHECKS, type CheckName } from "./checks.js";
export { apiBodySchema, type JsonSchema, manifestSchema, resolvedManifestSchema } from "./derive/json-schema.js";
export type {
  BucketBody,
  InputBody,
  Manifest,
  ManifestContent,
  OutputBody,
  SecretReference,
  TokenBody,
} from "./generated/types.js";
export { defineManifest } from "./manifest/define-manifest.js";
export type { ChangeAction, ManifestPlan, ManifestProblem, PlannedAttribute, PlannedChange } from "./manifest/plan.js";
export type { Attribute, Attributes, Json, Kind, Resource } from "./model.js";
export { BUCKET } from "./resources/bucket.js";
export { INPUT } from "./resources/input.js";
export { OUTPUT } from "./resources/output.js";
export { TOKEN } from "./resources/token.js";
export { SCHEMA } from "./schema.js";
export { secretProblem } from "./secret-problem.js";
