import type { DeclaredObject } from "./manifest-object.js";

/** How people name an object, such as `input/github/push`. A slash in a name is written as `%2F`, a percent sign as `%25`. */
export function objectAddress({ resource, path }: Pick<DeclaredObject, "resource" | "path">): string {
  return [resource, ...path.map((name) => name.replaceAll("%", "%25").replaceAll("/", "%2F"))].join("/");
}
