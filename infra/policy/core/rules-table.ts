import type { Rule } from "./rule.js";

/** Where the numbers at the start of ids come from. */
const BENCHMARKS: Readonly<Record<string, string>> = { gke: "CIS GKE", gcp: "CIS GCP" };

function benchmark({ id }: Rule): string {
  const [, family = "", item] = /^(gke|gcp)-([\d.]+)-/.exec(id) ?? [];
  return item === undefined ? "" : `${BENCHMARKS[family]} ${item}`;
}

function settings(rule: Rule): string {
  return Object.entries(rule.settings)
    .map(([name, { default: byDefault }]) => `\`${name}\` ${byDefault}`)
    .join(", ");
}

/** The rules as Markdown, a table for each concern. */
export function rulesTable(concerns: Readonly<Record<string, readonly Rule[]>>): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return Object.entries(concerns)
    .map(([concern, rules]) => {
      const rows = rules.map((rule) => {
        const cells = [`\`${rule.id}\``, benchmark(rule), rule.level, rule.title, rule.why, rule.fix, settings(rule)];
        return `| ${cells.map(cell).join(" | ")} |`;
      });
      return [
        `### ${concern}`,
        "",
        "| rule | benchmark | level | what | why | what to do | settings |",
        "|---|---|---|---|---|---|---|",
        ...rows,
      ].join("\n");
    })
    .join("\n\n");
}
