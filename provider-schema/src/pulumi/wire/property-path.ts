import type { Path } from "../../engine/problem.js";

/** A way to a property as Pulumi writes it: `auth.password`, `headers["X-A"][0]`. */
export function formatPropertyPath(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return i === 0 ? step : `.${step}`;
    })
    .join("");
}

const STEP = /\.?([A-Za-z_$][^.[\]]*)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[\*\]|\.?\*/gy;

/** The way that a text means; a `*` ends it, as everything below is meant. Undefined for what is no way. */
export function parsePropertyPath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const step = STEP.exec(text);
    if (step === null) return undefined;
    const [, name, index, quoted] = step;
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index));
    else if (quoted !== undefined) path.push(JSON.parse(`"${quoted}"`) as string);
    else return path;
  }
  return path;
}
