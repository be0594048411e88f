import type { JsonSchema } from "@relay/provider-schema";

/** A resource's schema with fields that the classic API has and we do not: see `unsupported.ts`. */
export function withClassicFields(schema: JsonSchema, fields: Readonly<Record<string, object>>): JsonSchema {
  return { ...schema, properties: { ...(schema.properties as object), ...fields } };
}
