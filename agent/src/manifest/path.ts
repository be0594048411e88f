import { escapedText } from "../render/escaped-text.js";

/** The way to a value in a manifest: names, and positions in lists. */
export type Path = readonly (string | number)[];

/** Such as `buckets.github.outputs["a b"].headers.X-A[0]`, the form in which the server names places, too. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[\p{L}\p{N}_-]+$/u.test(step)) return `${text}[${escapedText(JSON.stringify(step))}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
