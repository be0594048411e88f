import type { Attributes, Resource } from "../model.js";

/** What a manifest says of an object: not its name and its parent, which its place tells, and nothing computed. */
export function manifestAttributes(resource: Resource): Attributes {
  return Object.fromEntries(
    Object.entries(resource.attributes).filter(
      ([name, { presence, only }]) =>
        presence !== "computed" && only === undefined && name !== "name" && name !== resource.parent,
    ),
  );
}
