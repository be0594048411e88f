/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In capitals: COPY, RUN. */
  readonly name: string;
  /** As `--from=build`: name and value, in their order. */
  readonly flags: readonly (readonly [string, string])[];
  /** What follows the flags, continued lines joined. */
  readonly text: string;
  /** The same, where it is in the exec form: a JSON array. */
  readonly exec: readonly string[] | undefined;
  /** Counts from 1. */
  readonly line: number;
}

export interface Stage {
  /** What FROM names, before variables are replaced. */
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** ARGs before the first stage, with their defaults. */
  readonly args: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

/** Parses a Dockerfile as far as ours needs it; throws at here-documents and other escape characters. */
export function parseDockerfile(text: string): Dockerfile {
  const args = new Map<string, string>();
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    const stage = stages.at(-1);
    if (instruction.name === "FROM") {
      const [base = "", as, name] = instruction.text.split(/\s+/);
      if (as !== undefined && as.toUpperCase() !== "AS") throw new Error(`line ${instruction.line}: FROM … ${as}`);
      stages.push({ base, name, instructions: [] });
    } else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === "ARG") {
      const [name = "", ...value] = instruction.text.split("=");
      args.set(name, value.join("="));
    } else throw new Error(`line ${instruction.line}: ${instruction.name} before FROM`);
  }
  return { args, stages };
}

function instructionsOf(text: string): Instruction[] {
  if (/^#\s*escape\s*=/im.test(text)) throw new Error("another escape character is not understood");
  const found: Instruction[] = [];
  let joined = "";
  let from = 0;
  for (const [index, raw] of text.split("\n").entries()) {
    if (/^\s*#/.test(raw) || (raw.trim() === "" && joined === "")) continue;
    if (joined === "") from = index + 1;
    joined += raw.replace(/\\\s*$/, " ");
    if (/\\\s*$/.test(raw)) continue;
    found.push(instructionOf(joined.trim(), from));
    joined = "";
  }
  if (joined !== "") throw new Error(`line ${from}: the last line is continued`);
  return found;
}

function instructionOf(text: string, line: number): Instruction {
  const [, name = "", rest = ""] = /^(\w+)\s*(.*)$/s.exec(text) ?? [];
  if (/<<-?["']?\w/.test(rest)) throw new Error(`line ${line}: here-documents are not understood`);
  const flags: [string, string][] = [];
  let body = rest;
  for (let flag = /^--([\w-]+)=(\S+)\s+/.exec(body); flag !== null; flag = /^--([\w-]+)=(\S+)\s+/.exec(body)) {
    flags.push([flag[1] ?? "", flag[2] ?? ""]);
    body = body.slice(flag[0].length);
  }
  return { name: name.toUpperCase(), flags, text: body, exec: execForm(body), line };
}

/** The words of `["node", "main.js"]`; of `HEALTHCHECK CMD […]` those after CMD. */
function execForm(text: string): readonly string[] | undefined {
  const json = text.replace(/^CMD\s+/, "");
  if (!json.startsWith("[")) return undefined;
  try {
    return JSON.parse(json) as string[];
  } catch {
    return undefined;
  }
}
