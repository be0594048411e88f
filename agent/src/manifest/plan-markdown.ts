import type { ManifestPlan, PlannedChange } from "@relay/provider-schema";
import { ACTION_SIGNS } from "./action-signs.js";
import { type AttributeLines, attributeLines } from "./attribute-lines.js";
import { changeAddress } from "./change-address.js";
import { changeNotes } from "./change-notes.js";
import { planSummary } from "./plan-summary.js";

/** GitHub takes 65,536 characters; counted in bytes, so that nobody need know how it counts. */
const MAX_BYTES = 65_000;
/** Beyond these an object's changes are folded, and everything when there are many objects. */
const LONG_BLOCK = 20;
const MANY_OBJECTS = 10;
/** Of a single line and of a single object: one must not take the others' place. */
const MAX_LINE = 500;
const MAX_LINES = 200;

/**
 * A plan as a comment of a pull request. Names and values stand in code alone, inside fences longer than any run of
 * backticks in them: they can neither format, link, mention nor end the block. The first line is invisible and the same for
 * every plan of this manifest and environment: by it a job finds its comment again.
 */
export function planMarkdown(plan: ManifestPlan, environment?: string): string {
  const title = environment === undefined ? "" : `, environment ${codeHtml(environment)}`;
  const head = `${planMarker(plan.manifest, environment)}\n### Relay plan for ${codeHtml(plan.manifest)}${title}\n\n`;
  if (plan.changes.length === 0) return `${head}No changes: everything is as the manifest says.\n`;
  const fold = plan.changes.length > MANY_OBJECTS;
  let text = `${head}**${planSummary(plan)}**\n`;
  let shown = 0;
  for (const change of plan.changes) {
    const block = `\n${changeMarkdown(change, fold)}`;
    if (Buffer.byteLength(text) + Buffer.byteLength(block) > MAX_BYTES) break;
    text += block;
    shown += 1;
  }
  const left = plan.changes.length - shown;
  if (left > 0)
    text += `\n${left} more ${left === 1 ? "object does" : "objects do"} not fit into a comment: \`relay plan\` shows all.\n`;
  return text;
}

/** The hidden line at the beginning of a comment. */
export function planMarker(manifest: string, environment?: string): string {
  // A name must not end the comment of HTML that it stands in.
  const name = [manifest, ...(environment === undefined ? [] : [environment])].map(encodeURIComponent).join("/");
  return `<!-- relay-plan: ${name.replaceAll("--", "%2D%2D").replaceAll("!", "%21")} -->`;
}

function changeMarkdown(change: PlannedChange, fold: boolean): string {
  const lines = change.attributes.flatMap(attributeLines).flatMap((each) => diffLines(each, change));
  const heading = `${ACTION_SIGNS[change.action]} ${changeAddress(change)}`;
  const notes = changeNotes(change).map((note) => `# ${note}`);
  const all = [...notes, ...lines].map(shortened);
  const cut = all.length > MAX_LINES ? [...all.slice(0, MAX_LINES), `# … ${all.length - MAX_LINES} more lines`] : all;
  const block = fenced(cut.join("\n"));
  const title = codeHtml(shortened(heading));
  const body = cut.length === 0 ? "" : `\n${block}`;
  if ((fold || cut.length > LONG_BLOCK) && cut.length > 0) {
    return `<details><summary>${title}</summary>\n${body}\n</details>\n`;
  }
  return `${title}\n${body}`;
}

function diffLines(
  { path, before, after, lines, secret, sign, replaces }: AttributeLines,
  change: PlannedChange,
): string[] {
  const note = replaces && change.action === "replace" ? "  # forces replacement" : "";
  if (secret) {
    const mark = change.action === "create" ? "+" : change.action === "delete" ? "-" : "!";
    return [`${mark} ${path}: (secret)${note}`];
  }
  if (lines !== undefined) {
    return [`${sign === "~" ? "!" : sign} ${path}:${note}`, ...lines.map((line) => `${line.sign}     ${line.text}`)];
  }
  return [
    ...(before === undefined ? [] : [`- ${path}: ${before}${note}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${after}${note}`]),
  ];
}

function shortened(line: string): string {
  const characters = [...line];
  return characters.length <= MAX_LINE
    ? line
    : `${characters.slice(0, MAX_LINE).join("")}… (${characters.length} characters)`;
}

function fenced(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}diff\n${text}\n${fence}\n`;
}

/** Code as HTML: what is in it is neither Markdown nor, being escaped, a tag. GitHub mentions nobody inside it. */
function codeHtml(text: string): string {
  const escaped = text.replace(/[&<>"'`*_[\]()!@#~|\\:$]/g, (char) => `&#${char.charCodeAt(0)};`);
  return `<code>${escaped}</code>`;
}
