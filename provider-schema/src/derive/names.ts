import type { Attribute } from "../model.js";

/** `status_code` as `statusCode`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `status_code` as `StatusCode`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** Name of an attribute in Pulumi. */
export function pulumiName(name: string, { pulumiName: own }: Pick<Attribute, "pulumiName">): string {
  return own ?? camelCase(name);
}
