import {
  type Attributes,
  COMBINATIONS,
  type ExistingObject,
  KEPT_SECRET,
  type ManifestProblem,
  manifestPath,
  objectKey,
  objectPath,
  SCHEMA,
  type Values,
} from "@relay/provider-schema";
import { type CalledOutput, outputProblems } from "../attributes/output-problems.js";
import { INPUT_SETTINGS, OUTPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { replacedSettings } from "../attributes/settings.js";
import { type SettingsProblem, settingsProblems } from "../attributes/settings-problems.js";
import type { ContentCheck } from "./content-check.js";
import { functionProblems } from "./function-problems.js";
import { responseProblems } from "./response-problems.js";

/** What no schema can say: values that do not go together, and references to what is not there. */
export function contentProblems(check: ContentCheck): ManifestProblem[] {
  const existing = new Map(check.existing.map((object) => [objectKey(object), object]));
  const buckets = bucketsAfter(check);
  const declared = check.declared.flatMap((object) => {
    const before = existing.get(objectKey(object));
    const at = (...steps: (string | number)[]) => manifestPath([...objectPath(SCHEMA.resources, object), ...steps]);
    switch (object.resource) {
      case "bucket":
        return authProblems(object.values.auth as Values, before, (name) => at("auth", name));
      case "token":
        return tokenProblems(object.values, before, { buckets, now: check.now, at });
      case "input":
        return settingProblems(INPUT_SETTINGS, object.values, { before, at });
      case "output":
        return [
          ...settingProblems(OUTPUT_SETTINGS, object.values, { before, at }),
          ...described(outputProblems(object.values as unknown as CalledOutput, check.destinationRefusal), at),
        ];
      default:
        return [];
    }
  });
  return [...declared, ...functionProblems(check), ...responseProblems(check)];
}

function settingProblems(
  attributes: Attributes,
  values: Values,
  { before, at }: { before: ExistingObject | undefined; at: (...steps: string[]) => string },
): ManifestProblem[] {
  const kept = Object.fromEntries(Object.keys(before?.secrets ?? {}).map((path) => [path, KEPT_SECRET]));
  return described(settingsProblems(attributes, replacedSettings(attributes, values, kept)), at);
}

function described(problems: readonly SettingsProblem[], at: (...steps: string[]) => string): ManifestProblem[] {
  return problems.map(({ path, message, hint = "see the reference" }) => ({
    path: at(...path),
    message,
    hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
  }));
}

/** Secrets that a kind of authentication needs. */
const SECRETS: Readonly<Record<string, readonly string[]>> = { basic: ["password"], token: ["token"] };

function authProblems(
  auth: Values,
  before: ExistingObject | undefined,
  at: (name: string) => string,
): ManifestProblem[] {
  const problems = COMBINATIONS.auth(auth).map(({ path: [name], message, hint = "give it a value" }) => ({
    path: at(String(name)),
    message,
    hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`,
  }));
  for (const name of SECRETS[String(auth.type)] ?? []) {
    // One that the bucket has already need not be said again.
    if (auth[name] !== undefined && auth[name] !== "") continue;
    if (auth[name] === undefined && before?.secrets[`auth.${name}`] !== undefined) continue;
    problems.push({ path: at(name), message: `is required when type is "${auth.type}"`, hint: "Give it a value." });
  }
  return problems;
}

interface TokenCheck {
  /** Names and ids of the buckets that there will be. */
  readonly buckets: ReadonlySet<string>;
  readonly now: number;
  readonly at: (...steps: string[]) => string;
}

function tokenProblems(
  values: Values,
  before: ExistingObject | undefined,
  { buckets, now, at }: TokenCheck,
): ManifestProblem[] {
  const scopes = values.scopes as { readonly buckets: readonly string[] };
  const problems = scopes.buckets
    .filter((bucket) => !buckets.has(bucket))
    .map((bucket) => ({
      path: at("scopes", "buckets"),
      message: `names the bucket ${JSON.stringify(bucket)}, which is not there and not declared`,
      hint: "Declare the bucket in this manifest, or apply first what makes it.",
    }));
  const end = values.expires_at as number;
  if (before === undefined && end !== 0 && end * 1000 <= now) {
    problems.push({
      path: at("expires_at"),
      message: "is in the past",
      hint: "Give Unix seconds of a time to come, or 0 for never.",
    });
  }
  return problems;
}

function bucketsAfter({ declared, existing, owner }: ContentCheck): ReadonlySet<string> {
  const names = new Set(declared.filter(({ resource }) => resource === "bucket").map(({ path }) => path[0] ?? ""));
  const all = new Set(names);
  for (const { resource, path, id, managedBy } of existing) {
    const [name = ""] = path;
    if (resource !== "bucket" || (managedBy === owner && !names.has(name))) continue;
    all.add(name);
    all.add(id);
  }
  return all;
}
