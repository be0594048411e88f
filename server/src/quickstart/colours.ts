/** Wraps text in colour, or leaves it. */
export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
}

/** Colours for a terminal, unless NO_COLOR says otherwise; FORCE_COLOR wins (no-color.org, force-color.org). */
export function coloursFor(isTTY: boolean, env: NodeJS.ProcessEnv): Colours {
  const force = env.FORCE_COLOR ?? "";
  const coloured = force === "" ? isTTY && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb" : force !== "0";
  const paint = (open: number, close: number) => (text: string) =>
    coloured ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39) };
}
