import { pulumiName } from "../derive/names.js";
import type { Path } from "../engine/problem.js";
import type { Attributes } from "../model.js";

/** Ways to the properties that the definition calls secret. */
export function secretProperties(attributes: Attributes, at: Path = []): Path[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const path = [...at, pulumiName(name, attribute)];
    if (attribute.secret !== undefined) return [path];
    return attribute.kind.type === "object" ? secretProperties(attribute.kind.attributes, path) : [];
  });
}

/**
 * What a program made secret of its inputs, as attributes of which all is secret: elements of a list or set have no
 * place of their own.
 */
export function wholeAttributes(attributes: Attributes, secrets: readonly Path[]): Path[] {
  return secrets.map((path) => wholeAttribute(attributes, path));
}

function wholeAttribute(attributes: Attributes, [step, ...rest]: Path): Path {
  if (step === undefined) return [];
  const kind = Object.entries(attributes).find(([name, attribute]) => pulumiName(name, attribute) === step)?.[1].kind;
  return kind?.type === "object" && rest.length > 0 ? [step, ...wholeAttribute(kind.attributes, rest)] : [step];
}
