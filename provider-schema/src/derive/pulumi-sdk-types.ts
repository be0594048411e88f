import type { Attribute, Attributes, Kind, ProviderSchema, Resource } from "../model.js";
import { pascalCase, pulumiName } from "./names.js";
import { RESULT } from "./pulumi-tokens.js";
import {
  type Direction,
  isRequired,
  propertyDoc,
  pulumiNames,
  pulumiTypes,
  typeName,
  visible,
} from "./pulumi-types.js";

/** `index.d.ts` of the package for Pulumi programs. */
export function declarationsText(schema: ProviderSchema): string {
  const parts = [
    "// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.",
    'import type * as pulumi from "@pulumi/pulumi";',
    providerText(schema),
    ...schema.resources.map((each) => resourceText(each)),
    ...schema.dataSources.map(({ name, doc, attributes }) => {
      const inputs = Object.fromEntries(
        Object.entries(attributes).filter(([, { presence }]) => presence === "required"),
      );
      return invokeText(`get${pascalCase(name)}`, doc, { inputs, outputs: attributes, path: ["get", name] });
    }),
    ...schema.functions.map(({ name, doc, parameters, result }) =>
      invokeText(pulumiName(name, {}), doc, {
        inputs: Object.fromEntries(
          parameters.map((each): [string, Attribute] => [
            each.name,
            { kind: each.kind, doc: each.doc, presence: "required" },
          ]),
        ),
        outputs: { [RESULT]: { kind: result, doc, presence: "computed" } },
        path: [name],
      }),
    ),
    ...pulumiTypes(schema).map((type) =>
      "values" in type
        ? `export type ${type.name} = ${type.values.map((value) => JSON.stringify(value)).join(" | ")};`
        : `/** ${type.doc} */\nexport interface ${type.name} {\n${properties(type.attributes, type.path, type.direction)}\n}`,
    ),
    `/** Settings of this package: \`pulumi config set ${schema.name}:…\`. */\nexport declare const config: {\n${Object.entries(
      schema.arguments,
    )
      .map(([name, { attribute }]) => {
        const type = attribute.secret === undefined ? "string | undefined" : "pulumi.Output<string> | undefined";
        return `  /** ${attribute.doc} */\n  readonly ${pulumiName(name, attribute)}: ${type};`;
      })
      .join("\n")}\n};`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function resourceText({ name, doc, attributes }: Resource): string {
  const { id: _, ...own } = attributes;
  const className = pascalCase(name);
  const inputs = visible(own, "input");
  const optional = Object.entries(inputs).every(([each, attribute]) => !isRequired(each, attribute, "input"));
  const outputs = pulumiNames(visible(own, "output")).map(([property, each, attribute]) => {
    const type = kindText(attribute.kind, [name, each], "output");
    const missing = isRequired(each, attribute, "output") ? "" : " | undefined";
    return `  /** ${propertyDoc(attribute)} */\n  readonly ${property}: pulumi.Output<${type}${missing}>;`;
  });
  return `/** ${doc} */
export declare class ${className} extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ${className};
  static isInstance(value: unknown): value is ${className};
${outputs.join("\n")}
  constructor(name: string, args${optional ? "?" : ""}: ${className}Args, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of ${className}. */
export interface ${className}Args {
${properties(inputs, [name], "input")}
}`;
}

function providerText({ arguments: all }: ProviderSchema): string {
  const args = Object.entries(all).map(
    ([name, { attribute, environment }]) =>
      `  /** ${attribute.doc} Else \`${environment}\`. */\n  readonly ${pulumiName(name, attribute)}?: pulumi.Input<string> | undefined;`,
  );
  return `/** The server, and the token that this program uses there. */
export declare class Provider extends pulumi.ProviderResource {
  static isInstance(value: unknown): value is Provider;
  constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions);
}

/** Arguments of Provider. */
export interface ProviderArgs {
${args.join("\n")}
}`;
}

function invokeText(
  name: string,
  doc: string,
  { inputs, outputs, path }: { inputs: Attributes; outputs: Attributes; path: readonly string[] },
): string {
  const title = pascalCase(name);
  const none = Object.keys(inputs).length === 0;
  const args = (suffix: string) => (none ? "" : `args: ${title}${suffix}, `);
  const fields = (wrap: (type: string) => string) =>
    pulumiNames(inputs)
      .map(([property, each, attribute]) => {
        const type = wrap(kindText(attribute.kind, [...path, each], "output"));
        return `  /** ${attribute.doc} */\n  readonly ${property}: ${type};`;
      })
      .join("\n");
  return `/** ${doc} */
export declare function ${name}(${args("Args")}opts?: pulumi.InvokeOptions): Promise<${title}Result>;
/** ${doc} */
export declare function ${name}Output(${args("OutputArgs")}opts?: pulumi.InvokeOutputOptions): pulumi.Output<${title}Result>;
${
  none
    ? ""
    : `export interface ${title}Args {
${fields((type) => type)}
}
export interface ${title}OutputArgs {
${fields((type) => `pulumi.Input<${type}>`)}
}
`
}export interface ${title}Result {
${properties(outputs, path, "output")}
}`;
}

function properties(attributes: Attributes, path: readonly string[], direction: Direction): string {
  return pulumiNames(attributes)
    .map(([property, name, attribute]) => {
      const type = kindText(attribute.kind, [...path, name], direction);
      const optional = !isRequired(name, attribute, direction);
      const text = direction === "input" ? `pulumi.Input<${type}>` : type;
      return `  /** ${propertyDoc(attribute)} */\n  readonly ${property}${optional ? "?" : ""}: ${text}${optional ? " | undefined" : ""};`;
    })
    .join("\n");
}

function kindText(kind: Kind, path: readonly string[], direction: Direction): string {
  const inside = (of: Kind) => {
    const text = kindText(of, path, direction);
    return direction === "input" ? `pulumi.Input<${text}>` : text;
  };
  switch (kind.type) {
    case "string":
      return kind.oneOf === undefined ? "string" : typeName(path, kind, direction);
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "list":
    case "set":
      return `readonly ${inside(kind.of)}[]`;
    case "map":
      return `{ readonly [name: string]: ${inside(kind.of)} }`;
    case "object":
      return typeName(path, kind, direction);
    case "json":
      return "unknown";
  }
}
