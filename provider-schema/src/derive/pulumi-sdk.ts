import type { Attributes, ProviderSchema } from "../model.js";
import { pascalCase, pulumiName } from "./names.js";
import { declarationsText } from "./pulumi-sdk-types.js";
import { dataSourceToken, functionToken, resourceToken } from "./pulumi-tokens.js";
import { isRequired, pulumiNames, visible } from "./pulumi-types.js";

/** Name of the npm package. */
const PACKAGE = "@relay/pulumi";

/**
 * The package for Pulumi programs in TypeScript and JavaScript, by the names of its files: plain JavaScript with
 * declarations, so that nothing is to be compiled before a program can use it.
 */
export function pulumiSdk(schema: ProviderSchema, version: string): Readonly<Record<string, string>> {
  return {
    "package.json": packageText(schema, version),
    "index.js": codeText(schema, version),
    "index.d.ts": declarationsText(schema),
  };
}

function packageText({ name }: ProviderSchema, version: string): string {
  const text = {
    name: PACKAGE,
    version,
    description: "Relay's resources for Pulumi programs.",
    license: "Apache-2.0",
    type: "commonjs",
    main: "./index.js",
    types: "./index.d.ts",
    peerDependencies: { "@pulumi/pulumi": "^3.142.0" },
    // The engine reads which plugins a program needs from its packages.
    pulumi: { resource: true, name, version },
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

function codeText(schema: ProviderSchema, version: string): string {
  const parts = [
    "// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.",
    '"use strict";',
    'const pulumi = require("@pulumi/pulumi");',
    `const VERSION = ${JSON.stringify(version)};`,
    HELPERS,
    providerText(schema),
    ...schema.resources.map(({ attributes, ...each }) =>
      resourceText({
        type: resourceToken(schema, { attributes, ...each }),
        className: pascalCase(each.name),
        attributes,
      }),
    ),
    ...schema.dataSources.map((each) =>
      invokeText(`get${pascalCase(each.name)}`, dataSourceToken(schema, each), requiredNames(each.attributes)),
    ),
    ...schema.functions.map((each) =>
      invokeText(
        pulumiName(each.name, {}),
        functionToken(schema, each),
        each.parameters.map(({ name }) => pulumiName(name, {})),
      ),
    ),
    configText(schema),
  ];
  return `${parts.join("\n\n")}\n`;
}

const HELPERS = `function options(opts, own) {
  return pulumi.mergeOptions({ version: VERSION, ...own }, opts ?? {});
}

function secret(value) {
  return value === undefined || value === null ? value : pulumi.secret(value);
}

/** Of an object that is not known yet, the provider makes the secrets secret. */
function withSecrets(value, names) {
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value) || value instanceof Promise) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, names.includes(name) ? secret(each) : each]));
}

function requireArguments(type, names, args, opts) {
  if (opts?.urn !== undefined) return;
  for (const name of names) {
    if (args?.[name] === undefined) throw new Error(\`\${type} needs the argument \${name}\`);
  }
}`;

function resourceText({
  type,
  className,
  attributes,
}: {
  type: string;
  className: string;
  attributes: Attributes;
}): string {
  const { id: _, ...own } = attributes;
  const inputs = pulumiNames(visible(own, "input"));
  const computed = pulumiNames(own).filter(([, , { presence }]) => presence === "computed");
  const required = inputs
    .filter(([, name, attribute]) => isRequired(name, attribute, "input"))
    .map(([property]) => property);
  const secrets = computed.filter(([, , { secret }]) => secret !== undefined).map(([property]) => property);
  const lines = inputs.map(([property, , attribute]) => {
    const given = `args?.${property}`;
    if (attribute.secret !== undefined) return `${property}: secret(${given}),`;
    const inside = attribute.kind.type === "object" ? secretNames(attribute.kind.attributes) : [];
    return inside.length === 0
      ? `${property}: ${given},`
      : `${property}: withSecrets(${given}, ${JSON.stringify(inside)}),`;
  });
  const own_ = secrets.length === 0 ? "{}" : `{ additionalSecretOutputs: ${JSON.stringify(secrets)} }`;
  return `class ${className} extends pulumi.CustomResource {
  static __pulumiType = ${JSON.stringify(type)};

  static get(name, id, opts) {
    return new ${className}(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === ${className}.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments(${JSON.stringify(className)}, ${JSON.stringify(required)}, args, opts);
    super(
      ${className}.__pulumiType,
      name,
      {
        ${[...lines, ...computed.map(([property]) => `${property}: undefined,`)].join("\n        ")}
      },
      options(opts, ${own_}),
    );
  }
}
exports.${className} = ${className};`;
}

function secretNames(attributes: Attributes): string[] {
  return pulumiNames(attributes)
    .filter(([, , { secret }]) => secret !== undefined)
    .map(([property]) => property);
}

function requiredNames(attributes: Attributes): string[] {
  return pulumiNames(attributes)
    .filter(([, , { presence }]) => presence === "required")
    .map(([property]) => property);
}

function invokeText(name: string, token: string, inputs: readonly string[]): string {
  const args = `{ ${inputs.map((each) => `${each}: args.${each}`).join(", ")} }`;
  const parameters = inputs.length === 0 ? "opts" : "args, opts";
  return `exports.${name} = (${parameters}) => pulumi.runtime.invoke(${JSON.stringify(token)}, ${args}, options(opts));
exports.${name}Output = (${parameters}) => pulumi.runtime.invokeOutput(${JSON.stringify(token)}, ${args}, options(opts));`;
}

function providerText({ name, arguments: all }: ProviderSchema): string {
  const lines = Object.entries(all).map(([each, { attribute }]) => {
    const property = pulumiName(each, attribute);
    return `${property}: ${attribute.secret === undefined ? `args?.${property}` : `secret(args?.${property})`},`;
  });
  return `class Provider extends pulumi.ProviderResource {
  static __pulumiType = ${JSON.stringify(name)};

  static isInstance(value) {
    return value?.__pulumiType === "pulumi:providers:${name}";
  }

  constructor(name, args, opts) {
    super(
      Provider.__pulumiType,
      name,
      {
        ${lines.join("\n        ")}
      },
      options(opts, {}),
    );
  }
}
exports.Provider = Provider;`;
}

function configText({ name, arguments: all }: ProviderSchema): string {
  const lines = Object.entries(all).map(([each, { attribute }]) => {
    const property = pulumiName(each, attribute);
    const read = attribute.secret === undefined ? "get" : "getSecret";
    return `  get ${property}() {\n    return new pulumi.Config(${JSON.stringify(name)}).${read}(${JSON.stringify(property)});\n  },`;
  });
  return `exports.config = {\n${lines.join("\n")}\n};`;
}
