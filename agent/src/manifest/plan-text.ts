import type { ManifestPlan, PlannedChange } from "@relay/provider-schema";
import type { Colours } from "../render/colour.js";
import { ACTION_SIGNS } from "./action-signs.js";
import { type AttributeLines, attributeLines } from "./attribute-lines.js";
import { changeAddress } from "./change-address.js";
import { changeNotes } from "./change-notes.js";
import { planSummary } from "./plan-summary.js";

/** A plan for a terminal: what happens to each object, attribute by attribute, and the sum of it. */
export function planText(plan: ManifestPlan, colours: Colours): string {
  if (plan.changes.length === 0) return "No changes: everything is as the manifest says.\n";
  const changes = plan.changes.map((change) => changeText(change, colours));
  return `${changes.join("\n")}\n${colours.bold(planSummary(plan))}\n`;
}

function changeText(change: PlannedChange, colours: Colours): string {
  const paint = painter(ACTION_SIGNS[change.action], colours);
  const notes = changeNotes(change);
  const behind = notes.length === 0 ? "" : `  ${colours.dim(`# ${notes.join("; ")}`)}`;
  const heading = `${paint(ACTION_SIGNS[change.action])} ${colours.bold(changeAddress(change))}${behind}\n`;
  return (
    heading +
    change.attributes
      .flatMap(attributeLines)
      .map((each) => attributeText(each, change, colours))
      .join("")
  );
}

function attributeText(lines: AttributeLines, { action }: PlannedChange, colours: Colours): string {
  const secretSign = action === "create" ? "+" : action === "delete" ? "-" : "~";
  const sign = lines.secret ? secretSign : lines.sign;
  const note = lines.replaces && action === "replace" ? `  ${colours.dim("# forces replacement")}` : "";
  const head = `    ${painter(sign, colours)(sign)} ${lines.path}:`;
  if (lines.lines !== undefined) {
    const inner = lines.lines.map((line) =>
      `        ${painter(line.sign, colours)(`${line.sign} ${line.text}`)}`.trimEnd(),
    );
    return `${[`${head}${note}`, ...inner].join("\n")}\n`;
  }
  const value = lines.secret
    ? "(secret)"
    : [lines.before, lines.after].filter((each) => each !== undefined).join(" -> ");
  return `${head} ${value}${note}\n`;
}

function painter(sign: string, colours: Colours): (text: string) => string {
  switch (sign) {
    case "+":
      return colours.green;
    case "-":
      return colours.red;
    case "~":
    case "-/+":
      return colours.yellow;
    case "<=":
      return colours.cyan;
    default:
      return (text) => text;
  }
}
