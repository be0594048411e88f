import { contradictions } from "./contradictions.js";
import { howToSet } from "./how-to-set.js";
import { LEVELS, type Level } from "./level.js";
import { REQUIRED, type Setting } from "./setting.js";
import { SETTINGS, type SettingValues } from "./settings.js";
import { suggestKey } from "./suggest-key.js";

/** What a stack is deployed with: checked, and with each level's defaults filled in. */
export interface RelayConfig extends SettingValues {
  readonly level: Level;
  /** Google Cloud project, by id. */
  readonly project: string;
  readonly region: string;
}

/** The stack's configuration is not one that can be deployed; the message lists everything that is wrong with it. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

export interface GivenConfig {
  /** A value of this program's namespace, as text; undefined when the stack does not set it. */
  readonly get: (key: string) => string | undefined;
  /** A value of the Google provider's namespace. */
  readonly gcp: (key: string) => string | undefined;
  /** Keys of this program's namespace that the stack sets. */
  readonly keys: readonly string[];
}

/**
 * Reads and checks the whole configuration of a stack. Throws a ConfigError that names every key that is missing, wrong,
 * unknown or at odds with another, each with an example that would be accepted.
 */
export function readConfig({ get, gcp, keys }: GivenConfig): RelayConfig {
  const problems: string[] = [];
  const level = LEVELS.find((each) => each === get("level"));
  if (level === undefined) {
    const given = get("level");
    const why = given === undefined ? "is not set" : `is "${given}", which is not one of ${LEVELS.join(", ")}`;
    throw new ConfigError(complain([`relay:level ${why}. ${howToSet("level", "dev")}`]));
  }
  const project = gcp("project") ?? "";
  if (PLACEHOLDER.test(project) || !/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project))
    problems.push(ofGcp("project", project, "my-project"));
  const region = gcp("region") ?? "";
  if (!/^[a-z]+-[a-z]+\d+$/.test(region)) problems.push(ofGcp("region", region, "europe-west3"));

  for (const key of keys) {
    if (key === "level" || key in SETTINGS) continue;
    problems.push(`relay:${key} is not a setting.${suggestKey(key, ["level", ...Object.keys(SETTINGS)])}`);
  }
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const read = readSetting(setting, get(key), level);
    if ("problem" in read) problems.push(`relay:${key} ${read.problem}. ${howToSet(key, setting.example)}`);
    else values[key] = read.value;
  }
  if (problems.length > 0) throw new ConfigError(complain(problems));
  const config = { ...(values as unknown as SettingValues), level, project, region };
  problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(complain(problems));
  return config;
}

/** What the samples (Pulumi.LEVEL.yaml) have where only you know the value. */
const PLACEHOLDER = /change-me/i;

function readSetting(setting: Setting<unknown>, given: string | undefined, level: Level) {
  if (given !== undefined) {
    if (PLACEHOLDER.test(given)) return { problem: `is still "${given}", the sample's placeholder` };
    const read = setting.kind.parse(given);
    return "problem" in read ? { problem: `is "${given}", which ${read.problem}` } : read;
  }
  const value = setting.defaults[level];
  return value === REQUIRED ? { problem: `is not set, and the level ${level} needs it` } : { value };
}

function ofGcp(key: string, given: string, example: string): string {
  const wrong = PLACEHOLDER.test(given) ? "the sample's placeholder" : `which is no ${key} of Google Cloud`;
  const why = given === "" ? "is not set" : `is "${given}", ${wrong}`;
  return `gcp:${key} ${why}. Set it: pulumi config set gcp:${key} ${example}`;
}

function complain(problems: readonly string[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return `The stack's configuration has ${count}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`;
}
