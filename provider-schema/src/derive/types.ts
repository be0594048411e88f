import type { Attribute, Attributes, Kind, Resource } from "../model.js";
import { pascalCase } from "./names.js";

/** TypeScript: the bodies of the API, and the manifest as a value. */
export function typesText(resources: readonly Resource[]): string {
  const parts = [
    "// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.",
    "/** Where a secret is found: in the environment, or in a file relative to the manifest. */\nexport type SecretReference = { readonly env: string } | { readonly file: string };",
    ...resources.map((each) => bodyText(each)),
    ...resources.map((each) => declarationText(each, resources)),
    manifestText(resources),
  ];
  return `${parts.join("\n\n")}\n`;
}

function bodyText(resource: Resource): string {
  const doc = `/** Body of POST and PUT of a ${resource.name}. Read-only and unknown fields are ignored. */`;
  return `${doc}\nexport interface ${pascalCase(resource.name)}Body ${objectText(written(resource, false), { complete: false, secret: "string" }, 0)}`;
}

function declarationText(resource: Resource, resources: readonly Resource[]): string {
  const { name: _, ...attributes } = written(resource, true);
  const inside = resources.filter(({ parent }) => parent === resource.name);
  const own = objectText(attributes, { complete: true, secret: "SecretReference" }, 0);
  const collections = inside.map((each) => collectionText(each, 1)).join("\n");
  const text = collections === "" ? own : `${own.slice(0, -2)}\n${collections}\n}`;
  return `/** ${resource.doc} In a manifest. */\nexport interface ${pascalCase(resource.name)}Declaration ${text}`;
}

function manifestText(resources: readonly Resource[]): string {
  const top = resources.filter(({ parent }) => parent === undefined);
  return `/** What a manifest declares. */
export interface ManifestContent {
${top.map((each) => collectionText(each, 1)).join("\n")}
}

/** A value or object that is null is taken out. */
export type Overlay<T> = { readonly [K in keyof T]?: T[K] extends object | null | undefined ? Overlay<NonNullable<T[K]>> | null : T[K] | null };

/** A manifest as people write it. */
export interface Manifest extends ManifestContent {
  /** Version of this format. */
  readonly manifest: 1;
  /** What it declares is managed under this name. */
  readonly name?: string;
  readonly environments?: { readonly [name: string]: Overlay<ManifestContent> };
}`;
}

function collectionText(resource: Resource, depth: number): string {
  const pad = "  ".repeat(depth);
  return `${pad}/** By name. */\n${pad}readonly ${resource.plural}?: { readonly [name: string]: ${pascalCase(resource.name)}Declaration | null };`;
}

interface Style {
  readonly complete: boolean;
  readonly secret: string;
}

function written(resource: Resource, declared: boolean): Attributes {
  return Object.fromEntries(
    Object.entries(resource.attributes).filter(
      ([name, { presence, only }]) =>
        presence !== "computed" &&
        only === undefined &&
        name !== resource.parent &&
        (!declared || name !== resource.parent),
    ),
  );
}

function objectText(attributes: Attributes, style: Style, depth: number): string {
  const pad = "  ".repeat(depth + 1);
  const lines = Object.entries(attributes).map(([name, attribute]) => {
    const optional = style.complete && attribute.presence === "required" ? "" : "?";
    const unit = attribute.unit === undefined ? "" : ` In ${attribute.unit}.`;
    return `${pad}/** ${attribute.doc}${unit} */\n${pad}readonly ${name}${optional}: ${valueText(attribute, style, depth + 1)};`;
  });
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function valueText(attribute: Attribute, style: Style, depth: number): string {
  if (attribute.secret !== "given") return kindText(attribute.kind, style, depth);
  // Of a map each value is a secret of its own.
  return attribute.kind.type === "map" ? `{ readonly [name: string]: ${style.secret} }` : style.secret;
}

function kindText(kind: Kind, style: Style, depth: number): string {
  switch (kind.type) {
    case "string":
      return kind.oneOf === undefined ? "string" : kind.oneOf.map((value) => JSON.stringify(value)).join(" | ");
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "list":
    case "set":
      return `readonly ${wrapped(kindText(kind.of, style, depth))}[]`;
    case "map":
      return `{ readonly [name: string]: ${kindText(kind.of, style, depth)} }`;
    case "object":
      return objectText(kind.attributes, style, depth);
    case "json":
      return "unknown";
  }
}

function wrapped(text: string): string {
  return /[ |]/.test(text) ? `(${text})` : text;
}
