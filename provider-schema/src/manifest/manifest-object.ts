import type { Values } from "./values.js";

/** An object that a manifest declares. */
export interface DeclaredObject {
  /** Name of the resource. */
  readonly resource: string;
  /** Names from the outermost object on. */
  readonly path: readonly string[];
  /** In the form of `declaredValues`, secrets in clear. */
  readonly values: Values;
}

/** An object that exists. */
export interface ExistingObject {
  readonly resource: string;
  readonly path: readonly string[];
  readonly id: string;
  /** Empty: people. */
  readonly managedBy: string;
  /** In the form of `declaredValues`, without secrets. */
  readonly values: Values;
  /** What is kept of given secrets, by the path of their attribute, such as `auth.password`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** One text for an object's place: names hold no line break. */
export function objectKey({ resource, path }: Pick<DeclaredObject, "resource" | "path">): string {
  return [resource, ...path].join("\n");
}
