import { type Attributes, type Resource, SCHEMA } from "@relay/provider-schema";
import { isRecord } from "./is-record.js";
import { parsePath } from "./parse-path.js";
import type { Path } from "./path.js";
import { isSecretPlace } from "./secret-places.js";

/** What `GET /v1/export` answers. */
export interface Exported {
  readonly content: unknown;
  /** Where secrets must be supplied, such as `buckets.github.auth.password`. */
  readonly secrets: readonly string[];
}

/** A manifest of what exists, ready to be written in a stable order. */
export interface ExportedManifest {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a reference stands that was made up, and the environment variable in it. */
  readonly references: readonly { readonly path: Path; readonly variable: string }[];
}

/** The manifest of an export, its secrets being references to environment variables with names made from their places. */
export function exportedManifest({ content, secrets }: Exported, name: string | undefined): ExportedManifest {
  const taken = new Set<string>();
  const references = secrets
    .map(parsePath)
    .filter(isSecretPlace)
    .map((path) => ({ path, variable: variableFor(path, taken) }));
  const filled = references.reduce<unknown>(
    (value, { path, variable }) => withValue(value, path, { env: variable }),
    content,
  );
  return {
    value: { manifest: 1, ...(name === undefined ? {} : { name }), ...ordered(filled, undefined) },
    references,
  };
}

/** Such as `RELAY_GITHUB_AUTH_PASSWORD`. */
function variableFor(path: Path, taken: Set<string>): string {
  const words = path.slice(1).map((step) =>
    String(step)
      .normalize("NFKD")
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, "_"),
  );
  const wish = `RELAY_${words.join("_")}`.replace(/_+/g, "_").replace(/_$/, "");
  let name = wish;
  for (let count = 2; taken.has(name); count += 1) name = `${wish}_${count}`;
  taken.add(name);
  return name;
}

function withValue(holder: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value;
  const before = isRecord(holder) ? holder : {};
  const own = Object.hasOwn(before, step) ? before[step] : undefined;
  return Object.fromEntries([...Object.entries(before), [step, withValue(own, rest, value)]]);
}

/** Attributes in the order of the schema, then what belongs to the object; objects by their names. */
function ordered(holder: unknown, parent: Resource | undefined): Record<string, unknown> {
  if (!isRecord(holder)) return {};
  const attributes = parent === undefined ? {} : inOrder(holder, parent.attributes);
  const collections = SCHEMA.resources
    .filter((resource) => resource.parent === parent?.name)
    .flatMap((resource) => {
      const objects = Object.hasOwn(holder, resource.plural) ? holder[resource.plural] : undefined;
      if (!isRecord(objects) || Object.keys(objects).length === 0) return [];
      const entries = Object.entries(objects)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, object]) => [name, ordered(object, resource)]);
      return [[resource.plural, Object.fromEntries(entries)]];
    });
  return Object.fromEntries([...Object.entries(attributes), ...collections]);
}

function inOrder(values: Readonly<Record<string, unknown>>, attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { kind }]) => {
      if (!Object.hasOwn(values, name)) return [];
      const value = values[name];
      if (kind.type === "object" && isRecord(value)) return [[name, inOrder(value, kind.attributes)]];
      if (kind.type === "map" && isRecord(value)) {
        return [[name, Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))]];
      }
      return [[name, value]];
    }),
  );
}
