import { LEVELS } from "../config/level.js";
import { REQUIRED, type Setting } from "../config/setting.js";
import { SETTINGS } from "../config/settings.js";

/** Every setting as a row of Markdown: what it decides, what it may be, and what each level takes by itself. */
export function settingsTable(): string {
  const rows = (Object.entries(SETTINGS) as [string, Setting<unknown>][]).map(
    ([key, { describes, kind, defaults }]) => {
      const cells = LEVELS.map((level) => shown(defaults[level]));
      return `| \`relay:${key}\` | ${cell(describes)} *${cell(kind.describes)}* | ${cells.join(" | ")} |`;
    },
  );
  return [`| setting | what it decides | ${LEVELS.join(" | ")} |`, "|---|---|---|---|---|", ...rows].join("\n");
}

function shown(value: unknown): string {
  if (value === REQUIRED) return "**required**";
  if (value === undefined) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((each) => `\`${each}\``).join(" ");
  return `\`${value}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
