import type { Attribute, Attributes, Kind, ProviderSchema } from "../model.js";
import { camelCase } from "./names.js";

/** Markdown: every resource, data source, ephemeral resource and function, in the words of the definition. */
export function referenceText(schema: ProviderSchema): string {
  const parts = [
    "<!-- Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit. -->",
    "# Reference of resources",
    "Names are those of manifests, the API and Terraform; Pulumi writes them in camelCase (`statusCode`).",
    "## Arguments of the providers",
    table(
      Object.fromEntries(
        Object.entries(schema.arguments).map(([name, { attribute, environment }]) => [
          name,
          { ...attribute, doc: `${attribute.doc} Else \`${environment}\`.` },
        ]),
      ),
    ),
    ...schema.resources.flatMap(({ name, doc, attributes, importExample }) => [
      `## Resource \`${name}\``,
      doc,
      table(attributes),
      `Terraform: \`relay_${name}\`; Pulumi: \`relay.${camelCase(`_${name}`)}\`. Import by id or by name: \`${importExample}\`.`,
    ]),
    ...schema.dataSources.flatMap(({ name, doc, attributes }) => [
      `## Data source \`${name}\``,
      doc,
      table(attributes),
    ]),
    ...schema.ephemeralResources.flatMap(({ name, doc, attributes }) => [
      `## Ephemeral resource \`${name}\``,
      doc,
      table(attributes),
    ]),
    ...schema.functions.flatMap(({ name, doc, parameters, result }) => [
      `## Function \`${name}\``,
      doc,
      rows(
        ["parameter", "type", "what it is"],
        parameters.map((each) => [`\`${each.name}\``, kindName(each.kind), each.doc]),
      ),
      `Returns: ${kindName(result)}.`,
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function table(attributes: Attributes): string {
  return rows(["attribute", "type", "presence", "what it is"], lines(attributes, ""));
}

function lines(attributes: Attributes, prefix: string): string[][] {
  return Object.entries(attributes).flatMap(([name, attribute]) => [
    [`\`${prefix}${name}\``, kindName(attribute.kind), presenceText(attribute), docText(attribute)],
    ...lines(nested(attribute.kind), `${prefix}${name}${attribute.kind.type === "list" ? "[]" : ""}.`),
  ]);
}

function nested(kind: Kind): Attributes {
  if (kind.type === "object") return kind.attributes;
  return kind.type === "list" || kind.type === "set" || kind.type === "map" ? nested(kind.of) : {};
}

function kindName(kind: Kind): string {
  switch (kind.type) {
    case "list":
    case "set":
    case "map":
      return `${kind.type} of ${kindName(kind.of)}`;
    case "json":
      return "any JSON";
    default:
      return kind.type;
  }
}

function presenceText({ presence }: Attribute): string {
  return typeof presence === "string" ? presence : `\`${JSON.stringify(presence.default)}\``;
}

function docText({ doc, kind, unit, immutable, secret, only, pulumiName, example }: Attribute): string {
  return [
    doc,
    unit === undefined ? "" : `In ${unit}.`,
    kind.type === "string" && kind.oneOf !== undefined
      ? `One of ${kind.oneOf.map((value) => `\`${value}\``).join(", ")}.`
      : "",
    kind.type === "integer" && kind.maximum !== undefined ? `From ${kind.minimum ?? 0} to ${kind.maximum}.` : "",
    immutable ? "Another value takes a new object." : "",
    secret === undefined ? "" : "Secret.",
    only === "providers" ? "Of the providers alone." : "",
    pulumiName === undefined ? "" : `\`${pulumiName}\` in Pulumi.`,
    example === undefined ? "" : `For example \`${JSON.stringify(example)}\`.`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

function rows(head: string[], body: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...body.map(line)].join("\n");
}
