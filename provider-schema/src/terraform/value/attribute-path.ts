import type { Path } from "../../engine/problem.js";
import type { Attributes, Kind } from "../../model.js";
import type { AttributePath, AttributePath_Step } from "../protocol/generated/tfplugin6.js";

type Selector = NonNullable<AttributePath_Step["selector"]>;

/** A way to an attribute as a message of the protocol; it ends at a set, whose elements have no place. */
export function attributePath(attributes: Attributes, path: Path): AttributePath {
  const steps: AttributePath_Step[] = [];
  let kind: Kind | undefined = { type: "object", attributes };
  for (const step of path) {
    const selector = selectorOf(kind, step);
    if (selector === undefined) break;
    steps.push({ selector });
    kind = inside(kind, step);
  }
  return { steps };
}

function selectorOf(kind: Kind | undefined, step: string | number): Selector | undefined {
  if (typeof step === "number") return kind?.type === "list" ? { $case: "elementKeyInt", value: step } : undefined;
  if (kind?.type === "object") return { $case: "attributeName", value: step };
  return kind?.type === "map" ? { $case: "elementKeyString", value: step } : undefined;
}

function inside(kind: Kind | undefined, step: string | number): Kind | undefined {
  if (kind?.type === "object") return kind.attributes[step]?.kind;
  return kind !== undefined && "of" in kind ? kind.of : undefined;
}
