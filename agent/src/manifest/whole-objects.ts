import { type Resource, SCHEMA } from "@relay/provider-schema";
import { isRecord } from "./is-record.js";

/** A content in which an object that was written as `name:` alone is an empty one: it may still lack something. */
export function wholeObjects(holder: unknown, parent?: Resource): unknown {
  if (!isRecord(holder)) return holder;
  const inside = new Map(
    SCHEMA.resources.filter((each) => each.parent === parent?.name).map((each) => [each.plural, each]),
  );
  return Object.fromEntries(
    Object.entries(holder).map(([name, value]) => {
      const resource = inside.get(name);
      if (resource === undefined || !isRecord(value)) return [name, value];
      const objects = Object.entries(value).map(([key, object]) => [key, wholeObjects(object ?? {}, resource)]);
      return [name, Object.fromEntries(objects)];
    }),
  );
}
