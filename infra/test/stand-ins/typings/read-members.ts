import type { ClassDeclaration, InterfaceDeclaration, SourceFile } from "typescript";
import { type Member, type Members, readType } from "./type-expression.js";

/** "Possible values are: `A`, `B`.": how the package's documentation lists what a property takes. */
const POSSIBLE_VALUES = /Possible values are: ((?:`[^`]*`(?:, | and | or |, and |, or )?)+)\./;

/** The properties that an interface or a class declares. Static ones are none of its. */
export function readMembers(
  ts: typeof import("typescript"),
  file: SourceFile,
  declaration: InterfaceDeclaration | ClassDeclaration,
): Members {
  const members: Record<string, Member> = {};
  for (const member of declaration.members) {
    if (!ts.isPropertySignature(member) && !ts.isPropertyDeclaration(member)) continue;
    if (member.type === undefined || !ts.isIdentifier(member.name)) continue;
    const isStatic = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
    if (isStatic) continue;
    const { type, optional } = readType(ts, member.type);
    const comment = file.text.slice(member.pos, member.getStart(file)).replace(/\s*\*\s+/g, " ");
    const listed = type === "string" ? POSSIBLE_VALUES.exec(comment)?.[1] : undefined;
    const values = listed?.match(/`[^`]*`/g)?.map((each) => each.slice(1, -1).replace(/^"(.*)"$/, "$1"));
    const isOptional = optional || member.questionToken !== undefined;
    members[member.name.text] = { type, optional: isOptional, ...(values === undefined ? {} : { values }) };
  }
  return members;
}
