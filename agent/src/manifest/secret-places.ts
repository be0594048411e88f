import { type Attributes, type Resource, SCHEMA } from "@relay/provider-schema";
import { isRecord } from "./is-record.js";
import type { Path } from "./path.js";

/** Stands for any name. */
const ANY = null;

type Pattern = readonly (string | typeof ANY)[];

/** Where secrets can stand in the content of a manifest, from the schema: such as `buckets.*.auth.password`. */
const PATTERNS: readonly Pattern[] = SCHEMA.resources
  .filter(({ parent }) => parent === undefined)
  .flatMap((resource) => patternsOf(resource, []));

function patternsOf(resource: Resource, before: Pattern): Pattern[] {
  const inside = [...before, resource.plural, ANY];
  return [
    ...givenSecrets(resource.attributes, inside),
    ...SCHEMA.resources.filter(({ parent }) => parent === resource.name).flatMap((each) => patternsOf(each, inside)),
  ];
}

function givenSecrets(attributes: Attributes, before: Pattern): Pattern[] {
  return Object.entries(attributes).flatMap(([name, { secret, only, kind }]) => {
    if (only !== undefined) return [];
    // Of a map each value is a secret of its own.
    if (secret === "given") return [kind.type === "map" ? [...before, name, ANY] : [...before, name]];
    return kind.type === "object" ? givenSecrets(kind.attributes, [...before, name]) : [];
  });
}

/** Whether a secret belongs at this path of a manifest's content. */
export function isSecretPlace(path: Path): boolean {
  return PATTERNS.some(
    (pattern) => pattern.length === path.length && pattern.every((part, at) => part === ANY || part === path[at]),
  );
}

/**
 * A copy of a content in which every secret that stands there is what `change` makes of it; undefined takes it out.
 */
export function mapSecrets(content: unknown, change: (value: unknown, path: Path) => unknown): unknown {
  const map = (value: unknown, path: Path): unknown => {
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, each]) => {
        const at = [...path, name];
        const mapped = isSecretPlace(at) && each !== null ? change(each, at) : map(each, at);
        return mapped === undefined ? [] : [[name, mapped]];
      }),
    );
  };
  return map(content, []);
}
