import type { Path } from "../engine/problem.js";
import { isValues, type Value, type Values } from "../engine/value.js";
import { parsePropertyPath } from "./wire/property-path.js";

/** New inputs with those of before in the places where the program wants changes to be ignored. */
export function ignoreChanges(news: Values, olds: Values, ignored: readonly string[]): Values {
  return ignored
    .map((text) => parsePropertyPath(text))
    .filter((path) => path !== undefined)
    .reduce((values, path) => restored(values, olds, path), news);
}

function restored(news: Values, olds: Values, [step, ...rest]: Path): Values {
  if (step === undefined) return olds;
  const name = String(step);
  const before: Value | undefined = olds[name];
  const after: Value | undefined = news[name];
  const value: Value | undefined =
    rest.length > 0 && isValues(before) && isValues(after) ? restored(after, before, rest) : before;
  const { [name]: _, ...others } = news;
  return value === undefined ? others : { ...others, [name]: value };
}
