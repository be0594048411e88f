import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface ShellBlock {
  /** As "docs/operate/restore.md:25". */
  readonly at: string;
  readonly text: string;
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  /** Everything outside of the blocks. */
  readonly prose: string;
  /** Its blocks of shell commands, top to bottom. */
  readonly blocks: readonly ShellBlock[];
}

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
/** A block may be indented, as part of a list. */
const FENCED = /^([ ]*)```(\w*)\n(.*?)^[ ]*```$/gms;

/** A page of the documentation. Throws when a block has no language, and so would be checked by nobody. */
export function readPage(path: string): Page {
  const text = readFileSync(`${ROOT}${path}`, "utf8");
  const blocks: ShellBlock[] = [];
  const prose = text.replace(FENCED, (_, indent: string, language: string, content: string, offset: number) => {
    const at = `${path}:${text.slice(0, offset).split("\n").length + 1}`;
    if (language === "") throw new Error(`${at}: the block has no language. Name it: sh, yaml, ts`);
    if (language === "sh") blocks.push({ at, text: content.replaceAll(new RegExp(`^${indent}`, "gm"), "") });
    return "";
  });
  return { path, prose, blocks };
}

/** Every page that an operator follows. */
export function operatorsPages(): readonly Page[] {
  const runbooks = readdirSync(`${ROOT}docs/operate`).filter((name) => name.endsWith(".md"));
  return [...runbooks.map((name) => `docs/operate/${name}`), "stacks/README.md"].map(readPage);
}
