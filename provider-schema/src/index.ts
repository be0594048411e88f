export { checkProblems } from "./check-problems.js";
export type { CheckName } from "./checks.js";
export { COMBINATIONS, KEPT_SECRET } from "./combinations.js";
export { apiBodySchema, type JsonSchema, manifestSchema, resolvedManifestSchema } from "./derive/json-schema.js";
export { durationMs } from "./duration-ms.js";
export type {
  BucketBody,
  CronBody,
  FunctionBody,
  InputBody,
  Manifest,
  ManifestContent,
  OutputBody,
  SecretReference,
  TokenBody,
} from "./generated/types.js";
export { attributeChanges, createdAttributes } from "./manifest/attribute-changes.js";
export { canonicalJson } from "./manifest/canonical-json.js";
export { declaredObjects } from "./manifest/declared-objects.js";
export { declaredValues } from "./manifest/declared-values.js";
export { defineManifest } from "./manifest/define-manifest.js";
export { type ExportedContent, exportContent } from "./manifest/export-content.js";
export { hideSecrets } from "./manifest/hide-secrets.js";
export { manifestAttributes } from "./manifest/manifest-attributes.js";
export { type DeclaredObject, type ExistingObject, objectKey } from "./manifest/manifest-object.js";
export { manifestPath } from "./manifest/manifest-path.js";
export { objectAddress } from "./manifest/object-address.js";
export { objectPath } from "./manifest/object-path.js";
export type { ChangeAction, ManifestPlan, ManifestProblem, PlannedAttribute, PlannedChange } from "./manifest/plan.js";
export { planChanges, type ReconcileInput, type Reconciliation } from "./manifest/plan-changes.js";
export { summarizeChanges } from "./manifest/summarize-changes.js";
export type { Values } from "./manifest/values.js";
export { withoutSecrets } from "./manifest/without-secrets.js";
export type { Attribute, Attributes, Json, Kind, Resource } from "./model.js";
export { BUCKET } from "./resources/bucket.js";
export { CRON } from "./resources/cron.js";
export { FUNCTION } from "./resources/function.js";
export { INPUT } from "./resources/input.js";
export { OUTPUT } from "./resources/output.js";
export { TOKEN } from "./resources/token.js";
export type { ParsedRule, RuleSubject } from "./rules/parsed-rule.js";
export { readRules } from "./rules/read-rules.js";
export type { Rule, RuleMatch } from "./rules/rule.js";
export { parseSchedule } from "./schedule/parse-schedule.js";
export { SCHEMA } from "./schema.js";
export { secretProblem } from "./secret-problem.js";
export { type DestinationTemplate, parseDestinationTemplate } from "./templates/destination-template.js";
export { isTemplate, parseTemplate, type Template, type TemplatePart } from "./templates/parse-template.js";
export { signingKey } from "./templates/signing-secret.js";
