import type { DataSource, ProviderFunction, ProviderSchema, Resource } from "../model.js";
import { camelCase, pascalCase } from "./names.js";

/** `relay:index:Bucket`. */
export function resourceToken({ name }: ProviderSchema, resource: Resource): string {
  return `${name}:index:${pascalCase(resource.name)}`;
}

/** `relay:index:getBucket`. */
export function dataSourceToken({ name }: ProviderSchema, source: DataSource): string {
  return `${name}:index:get${pascalCase(source.name)}`;
}

/** `relay:index:inputUrl`. */
export function functionToken({ name }: ProviderSchema, pure: ProviderFunction): string {
  return `${name}:index:${camelCase(pure.name)}`;
}

/** Name of what a function returns: Pulumi's functions return objects. */
export const RESULT = "result";
