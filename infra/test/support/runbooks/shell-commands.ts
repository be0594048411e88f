import { forEachChild, parse, type SyntaxNode } from "unbash";

/** A program with its arguments, wherever it stands in a script: in a pipeline, a loop, a substitution. */
export interface ShellCommand {
  readonly program: string;
  /** Its arguments, quotes taken away; what the shell would expand stands as it is written. */
  readonly words: readonly string[];
}

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** What a shell would not understand. */
  readonly errors: readonly string[];
}

/** Parses a script and gives every command in it. */
export function shellCommands(script: string): ShellScript {
  const tree = parse(script);
  const commands: ShellCommand[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Command" && node.name !== undefined) {
      const words = node.suffix.flatMap((each) => (each.type === "Word" ? [each.value] : []));
      commands.push({ program: node.name.value, words });
    }
    forEachChild(node, visit);
  };
  visit(tree);
  return { commands, errors: (tree.errors ?? []).map(({ message }) => message) };
}
