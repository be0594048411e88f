import type { Attribute, Attributes, Kind } from "../model.js";

/** Ends the name of an argument whose value is kept nowhere. */
const WRITE_ONLY = "_wo";
const VERSION = "_wo_version";

/**
 * Attributes as Terraform has them: beside each given secret `x` stands `x_wo`, which is sent and never stored, and
 * `x_wo_version`, which is stored and says by a change that `x_wo` is to be sent again.
 */
export function terraformAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Attribute][] => {
      const own: [string, Attribute] = [name, { ...attribute, kind: terraformKind(attribute.kind) }];
      return attribute.secret === "given" ? [own, ...writeOnly(name, attribute)] : [own];
    }),
  );
}

/** The secret whose write-only form an attribute is; undefined for every other attribute. */
export function secretOfWriteOnly(attributes: Attributes, name: string): string | undefined {
  const secret = name.endsWith(WRITE_ONLY) ? name.slice(0, -WRITE_ONLY.length) : "";
  return attributes[secret]?.secret === "given" ? secret : undefined;
}

/** The attribute that holds the same secret without storing it. */
export function writeOnlyName(secret: string): string {
  return secret + WRITE_ONLY;
}

/** The attribute that says by a change that the secret is to be sent again. */
export function writeOnlyVersionName(secret: string): string {
  return secret + VERSION;
}

function terraformKind(kind: Kind): Kind {
  switch (kind.type) {
    case "object":
      return { type: "object", attributes: terraformAttributes(kind.attributes) };
    case "list":
    case "set":
    case "map":
      return { ...kind, of: terraformKind(kind.of) };
    default:
      return kind;
  }
}

function writeOnly(name: string, { example: _, ...attribute }: Attribute): [string, Attribute][] {
  return [
    [
      writeOnlyName(name),
      {
        ...attribute,
        only: "providers",
        doc: `The same as \`${name}\`, kept neither in plan nor in state. ${attribute.doc}`,
      },
    ],
    [
      writeOnlyVersionName(name),
      {
        kind: { type: "integer" },
        presence: "optional",
        only: "providers",
        doc: `Change it to have \`${writeOnlyName(name)}\` sent again: Terraform cannot see that it changed.`,
      },
    ],
  ];
}
