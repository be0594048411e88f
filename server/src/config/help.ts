import { writeValue } from "./parse-value.js";
import { SETTINGS, type Setting } from "./settings.js";

const settings: readonly Setting[] = SETTINGS;

/** The text of `--help`. */
export function configHelp(): string {
  const blocks = settings.map((setting) => {
    const shown = defaultText(setting);
    const facts = [
      shown === "" ? "not set" : `default ${shown}`,
      ...range(setting),
      `e.g. ${setting.example}`,
      ...(setting.secret === true ? [`or ${setting.variable}_FILE names a file that holds it`] : []),
    ];
    return `  ${setting.variable}\n      ${setting.doc}\n      (${facts.join("; ")})\n`;
  });
  return `The Relay server: takes webhooks, commits them, streams them to agents.

Usage
  node server/dist/main.js  start the server (after npm run build); SIGTERM or Ctrl-C drains and stops it
  node server/dist/main.js migrate
                            bring the database's tables up to date and end; safe to run several times at once
  node server/dist/main.js health
                            ask the server on this machine whether it lives; 0 yes, 1 no
  npm run server            start it for trying out; builds first
  npm start [-- URL]        server, agent and a demo destination in one go

Settings are environment variables; all are optional.

${blocks.join("\n")}
Exit codes: 0 stopped in order, 1 failure, 2 wrong configuration or arguments.
`;
}

/** The table of settings for the docs, in Markdown. */
export function configTable(): string {
  const rows = settings.map((setting) => {
    const shown = defaultText(setting);
    const facts = [
      setting.doc,
      ...range(setting).map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}.`),
      ...(setting.secret === true ? [`Or \`${setting.variable}_FILE\`: a file that holds it.`] : []),
    ];
    return `| \`${setting.variable}\` | ${shown === "" ? "" : `\`${shown}\``} | ${facts.join(" ")} |`;
  });
  return ["| variable | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

function defaultText(setting: Setting): string {
  return writeValue(setting.type, setting.default);
}

function range(setting: Setting): string[] {
  if (setting.type === "choice") return [`one of ${setting.choices.join(", ")}`];
  if (!("min" in setting) || setting.variable.endsWith("_PORT")) return [];
  return [`from ${writeValue(setting.type, setting.min)} to ${writeValue(setting.type, setting.max)}`];
}
