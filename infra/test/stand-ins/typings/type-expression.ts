import type { TypeNode } from "typescript";

/** A type of a property, as far as a value can be checked against it. `ref` names an interface of the package's nested types. */
export type TypeExpression =
  | "string"
  | "number"
  | "boolean"
  | "any"
  | { readonly list: TypeExpression }
  | { readonly map: TypeExpression }
  | { readonly ref: string };

/** A property of an interface or a class. */
export interface Member {
  readonly optional: boolean;
  readonly type: TypeExpression;
  /** The only texts that it takes, where its documentation lists them. */
  readonly values?: readonly string[];
}

export type Members = Readonly<Record<string, Member>>;

type TypeScript = typeof import("typescript");

/**
 * What a type says about values: wrappers of inputs and outputs are taken off, and `undefined` makes it optional. Types that
 * say nothing (unions of several, assets) become "any".
 */
export function readType(ts: TypeScript, node: TypeNode): { type: TypeExpression; optional: boolean } {
  if (ts.isUnionTypeNode(node)) {
    const known = node.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
    const optional = known.length < node.types.length;
    const [only] = known;
    if (known.length !== 1 || only === undefined) return { type: "any", optional };
    const inner = readType(ts, only);
    return { type: inner.type, optional: optional || inner.optional };
  }
  return readSingle(ts, node);
}

function readSingle(ts: TypeScript, node: TypeNode): { type: TypeExpression; optional: boolean } {
  const is = (type: TypeExpression) => ({ type, optional: false });
  if (ts.isParenthesizedTypeNode(node)) return readType(ts, node.type);
  if (ts.isTypeOperatorNode(node)) return readType(ts, node.type);
  if (ts.isArrayTypeNode(node)) return is({ list: readType(ts, node.elementType).type });
  if (ts.isTypeLiteralNode(node)) {
    const [member] = node.members;
    if (member === undefined || !ts.isIndexSignatureDeclaration(member)) return is("any");
    return is({ map: readType(ts, member.type).type });
  }
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    const [argument] = node.typeArguments ?? [];
    if (/^(pulumi\.(Input|Output)|Promise)$/.test(name) && argument !== undefined) return readType(ts, argument);
    const nested = /^(?:inputs|outputs)\.(.+)$/.exec(name)?.[1];
    return is(nested === undefined ? "any" : { ref: nested });
  }
  switch (node.kind) {
    case ts.SyntaxKind.StringKeyword:
      return is("string");
    case ts.SyntaxKind.NumberKeyword:
      return is("number");
    case ts.SyntaxKind.BooleanKeyword:
      return is("boolean");
    default:
      return is("any");
  }
}
