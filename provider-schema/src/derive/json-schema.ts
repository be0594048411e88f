import type { Attribute, Attributes, Json, Kind, Resource } from "../model.js";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How attributes become properties. */
interface Form {
  /** Whether what is required must be there: a body of the API may be a partial update. */
  readonly complete: boolean;
  /** Whether unknown properties are refused: in a manifest they are typing errors, the API ignores them. */
  readonly closed: boolean;
  /** Whether the keywords of our validator are there: `check` and `hint`. Other tools do not know them. */
  readonly checks: boolean;
  readonly secret: JsonSchema;
}

/** A secret as text. */
const TEXT: JsonSchema = { type: "string" };

/** A secret in a file that people keep in a repository: only ever where to find it. */
const SECRET_REFERENCE: JsonSchema = {
  description: "Where the secret is found: it must not stand in the file.",
  oneOf: [
    {
      type: "object",
      required: ["env"],
      properties: { env: { type: "string", minLength: 1, description: "Environment variable that holds it." } },
      additionalProperties: false,
    },
    {
      type: "object",
      required: ["file"],
      properties: {
        file: {
          type: "string",
          minLength: 1,
          description: "File that holds it, relative to the manifest; one line break at its end is not part of it.",
        },
      },
      additionalProperties: false,
    },
  ],
};

/** Schema of a body of the management API: `check` and `hint` are keywords of our validator. */
export function apiBodySchema(resource: Resource): JsonSchema {
  return objectSchema(declared(resource, { parent: false }), {
    complete: false,
    closed: false,
    checks: true,
    secret: TEXT,
  });
}

/** Schema of a whole manifest as people write it; for editors. */
export function manifestSchema(resources: readonly Resource[]): JsonSchema {
  const form: Form = { complete: true, closed: true, checks: false, secret: SECRET_REFERENCE };
  const content = contentSchema(resources, form);
  const overlay = contentSchema(resources, { ...form, complete: false });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Relay manifest",
    type: "object",
    required: ["manifest"],
    properties: {
      $schema: { type: "string" },
      manifest: { const: 1, description: "Version of this format." },
      name: {
        type: "string",
        pattern: "^[a-z0-9][a-z0-9-]{0,62}$",
        description: "Name of the manifest. What it declares is managed under this name.",
      },
      ...content,
      environments: {
        type: "object",
        description:
          "Changes to the above for an environment: `relay plan -e NAME`. Null takes a value or an object out.",
        additionalProperties: { type: "object", properties: nullable(overlay), additionalProperties: false },
      },
    },
    additionalProperties: false,
  };
}

/** Schema of a manifest as the server takes it: one environment, secrets as text. */
export function resolvedManifestSchema(resources: readonly Resource[]): JsonSchema {
  return {
    type: "object",
    properties: contentSchema(resources, { complete: true, closed: true, checks: true, secret: TEXT }),
    additionalProperties: false,
  };
}

/** The collections of a manifest: objects by their name, what belongs to an object inside it. */
function contentSchema(resources: readonly Resource[], form: Form, parent?: Resource): Record<string, JsonSchema> {
  return Object.fromEntries(
    resources
      .filter((each) => each.parent === parent?.name)
      .map((resource) => {
        const { name, ...rest } = declared(resource, { parent: false });
        const own = objectSchema(rest, form) as { properties: object };
        const schema: JsonSchema = {
          type: "object",
          description: resource.doc,
          propertyNames: {
            ...kindSchema(name?.kind ?? TEXT_KIND, form),
            ...(form.checks ? { check: "name" } : {}),
            minLength: 1,
          },
          additionalProperties: {
            ...own,
            // An object of which nothing more is to be said may be written as `name:` alone.
            type: ["object", "null"],
            properties: { ...own.properties, ...contentSchema(resources, form, resource) },
          },
        };
        return [resource.plural, schema];
      }),
  );
}

const TEXT_KIND: Kind = { type: "string" };

/** What people write: no computed attributes, none that only providers have. */
function declared(resource: Resource, { parent }: { parent: boolean }): Attributes {
  return Object.fromEntries(
    Object.entries(resource.attributes).filter(
      ([name, { presence, only }]) =>
        presence !== "computed" && only === undefined && (parent || name !== resource.parent),
    ),
  );
}

function objectSchema(attributes: Attributes, form: Form): JsonSchema {
  const required = Object.entries(attributes)
    .filter(([, { presence }]) => form.complete && presence === "required")
    .map(([name]) => name);
  return {
    type: "object",
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(
      Object.entries(attributes).map(([name, attribute]) => [name, attributeSchema(attribute, form)]),
    ),
    ...(form.closed ? { additionalProperties: false } : {}),
  };
}

function attributeSchema(attribute: Attribute, form: Form): JsonSchema {
  const { presence, doc, unit, example, check, secret, kind } = attribute;
  // A map's check says more than its type would.
  const mapped = kind.type === "map" && form.checks && check !== undefined;
  const schema = mapped ? { type: "object" } : secret === "given" ? secretSchema(kind, form) : kindSchema(kind, form);
  return {
    ...schema,
    // The API's own texts are shorter without it.
    ...(form.checks ? {} : { description: unit === undefined ? doc : `${doc} In ${unit}.` }),
    ...(form.checks && check !== undefined ? { check } : {}),
    ...(form.checks && presence === "required" && kind.type === "string" ? { minLength: 1 } : {}),
    ...(form.checks && example !== undefined ? { hint: JSON.stringify(example) } : {}),
    ...(!form.checks && example !== undefined ? { examples: [example] } : {}),
    ...(!form.checks && typeof presence === "object" ? { default: presence.default } : {}),
  };
}

/** Of a map each value is a secret of its own; its names are none. */
function secretSchema(kind: Kind, { secret }: Form): JsonSchema {
  return kind.type === "map" ? { type: "object", additionalProperties: secret } : secret;
}

function kindSchema(kind: Kind, form: Form): JsonSchema {
  switch (kind.type) {
    case "string":
      return {
        // One message for one mistake.
        ...(form.checks && kind.oneOf !== undefined ? {} : { type: "string" }),
        ...(kind.oneOf === undefined ? {} : { enum: kind.oneOf }),
        ...(kind.maxLength === undefined ? {} : { maxLength: kind.maxLength }),
      };
    case "integer":
      return {
        type: "integer",
        minimum: kind.minimum ?? Number.MIN_SAFE_INTEGER,
        maximum: kind.maximum ?? Number.MAX_SAFE_INTEGER,
      };
    case "boolean":
      return { type: "boolean" };
    case "list":
    case "set":
      return {
        type: "array",
        items: kindSchema(kind.of, form),
        ...(kind.maxItems === undefined ? {} : { maxItems: kind.maxItems }),
        ...(kind.type === "set" && form.closed ? { uniqueItems: true } : {}),
      };
    case "map":
      return { type: "object", additionalProperties: kindSchema(kind.of, form) };
    case "object":
      return objectSchema(kind.attributes, form);
    case "json":
      return {};
  }
}

/** In an overlay every collection, object and value may be null. */
function nullable(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, nullableSchema(schema)]));
}

function nullableSchema(schema: JsonSchema): JsonSchema {
  const {
    type,
    enum: values,
    properties,
    additionalProperties,
    oneOf,
  } = schema as {
    type?: string | string[];
    enum?: Json[];
    properties?: Record<string, JsonSchema>;
    additionalProperties?: JsonSchema | boolean;
    oneOf?: JsonSchema[];
  };
  return {
    ...schema,
    ...(type === undefined ? {} : { type: [...new Set([type, "null"].flat())] }),
    ...(values === undefined ? {} : { enum: [...values, null] }),
    ...(oneOf === undefined ? {} : { oneOf: [...oneOf, { type: "null" }] }),
    ...(properties === undefined ? {} : { properties: nullable(properties) }),
    ...(typeof additionalProperties === "object" ? { additionalProperties: nullableSchema(additionalProperties) } : {}),
  };
}
