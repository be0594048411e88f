import { nearestName } from "../nearest-name.js";

/**
 * Texts with places that are filled in for each call: `{{ webhook.id }}`. A closed list of values and nothing else: no
 * expressions, so that a configuration can do no more than people see in it.
 */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly name: TemplateValue }
  /** One field of the webhook's query or header section. */
  | { readonly kind: "query"; readonly field: string }
  | { readonly kind: "header"; readonly field: string };

export type Template = readonly TemplatePart[];

export const TEMPLATE_VALUES = [
  "webhook.id",
  "webhook.method",
  "webhook.path",
  "bucket.name",
  "input.name",
  "output.name",
  "delivery.id",
  "delivery.attempt",
] as const;

export type TemplateValue = (typeof TEMPLATE_VALUES)[number];

export type ParsedTemplate =
  | { readonly kind: "template"; readonly parts: Template }
  | { readonly kind: "wrong"; readonly problem: string };

const FIELD = /^webhook\.(query|header)\.(.+)$/;
/** RFC 9110 section 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MOST_SHOWN = 60;

/** Reads a template. The problem of a wrong one says which place and what could stand there. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf("{{", at);
    if (begin === -1) break;
    const end = text.indexOf("}}", begin + 2);
    if (end === -1)
      return wrong(`has {{ without }} behind it: ${JSON.stringify(text.slice(begin, begin + MOST_SHOWN))}`);
    if (begin > at) parts.push({ kind: "text", text: text.slice(at, begin) });
    const part = reference(text.slice(begin + 2, end).trim());
    if ("problem" in part) return wrong(part.problem);
    parts.push(part);
    at = end + 2;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return { kind: "template", parts };
}

/** True when a text has places to fill in, or means to. */
export function isTemplate(text: string): boolean {
  return text.includes("{{");
}

/** The text with a letter in place of each place to fill in, right or wrong: what the rest of it looks like. */
export function withoutTemplates(text: string): string {
  return text.replace(/\{\{[\x20-\x7a|~]*\}\}/g, "x");
}

function reference(name: string): TemplatePart | { readonly problem: string } {
  const value = TEMPLATE_VALUES.find((one) => one === name);
  if (value !== undefined) return { kind: "value", name: value };
  const [, kind, field = ""] = FIELD.exec(name) ?? [];
  if (kind === "query" && !/[\s{}]/.test(field)) return { kind, field };
  if (kind === "header" && FIELD_NAME.test(field)) return { kind, field: field.toLowerCase() };
  const shown = JSON.stringify(name.slice(0, MOST_SHOWN));
  const near = nearestName(name, TEMPLATE_VALUES);
  const hint =
    near === undefined
      ? `there are ${TEMPLATE_VALUES.join(", ")}, webhook.query.NAME and webhook.header.NAME`
      : `did you mean ${near}?`;
  return { problem: `has {{ ${shown} }}, which means nothing: ${hint}` };
}

function wrong(problem: string): ParsedTemplate {
  return { kind: "wrong", problem };
}
