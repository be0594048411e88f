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
  if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(project)) problems.push(ofGcp("project", project, "my-project"));
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

function readSetting(setting: Setting<unknown>, given: string | undefined, level: Level) {
  if (given !== undefined) {
    const read = setting.kind.parse(given);
    return "problem" in read ? { problem: `is "${given}", which ${read.problem}` } : read;
  }
  const value = setting.defaults[level];
  return value === REQUIRED ? { problem: `is not set, and the level ${level} needs it` } : { value };
}

/** What no single setting can see. */
function contradictions(config: RelayConfig): string[] {
  const problems: string[] = [];
  const pairs = [
    ["nodesMin", "nodesMax"],
    ["replicasMin", "replicasMax"],
    ["databaseDiskGb", "databaseDiskLimitGb"],
  ] as const;
  for (const [least, most] of pairs) {
    if (config[least] <= config[most]) continue;
    problems.push(`relay:${least} is ${config[least]} and relay:${most} only ${config[most]}. Raise relay:${most}.`);
  }
  if (config.level !== "dev" && config.domain === undefined) {
    problems.push(
      `relay:domain is empty, and the level ${config.level} needs it. ${howToSet("domain", SETTINGS.domain.example)}`,
    );
  }
  if ((config.image === undefined) !== (config.proxyImage === undefined)) {
    const missing = config.image === undefined ? "image" : "proxyImage";
    problems.push(`relay:image and relay:proxyImage go together. ${howToSet(missing, SETTINGS[missing].example)}`);
  }
  if (config.level !== "dev" && config.replicasMin < 2) {
    problems.push(`relay:replicasMin is 1: a rolling update would be an outage. ${howToSet("replicasMin", "3")}`);
  }
  if (config.level === "locked" && config.adminNetworks.includes("0.0.0.0/0")) {
    problems.push(
      `relay:adminNetworks lets everybody in, which locked does not. ${howToSet("adminNetworks", "203.0.113.0/24")}`,
    );
  }
  if (config.level === "locked" && config.agentNetworks.includes("0.0.0.0/0")) {
    problems.push(
      `relay:agentNetworks lets everybody in, which locked does not. ${howToSet("agentNetworks", "203.0.113.0/24")}`,
    );
  }
  if (config.level === "locked" && !config.autopilot && !/^(n2d|c2d|c3d|c4d)-/.test(config.nodeMachineType)) {
    problems.push(
      `relay:nodeMachineType is ${config.nodeMachineType}, which has no confidential computing (AMD SEV). ${howToSet("nodeMachineType", "n2d-standard-2")}`,
    );
  }
  if (config.databaseEdition === "ENTERPRISE_PLUS" && !config.databaseTier.startsWith("db-perf-optimized-")) {
    problems.push(
      `relay:databaseTier is ${config.databaseTier}, which ENTERPRISE_PLUS does not have. ${howToSet("databaseTier", "db-perf-optimized-N-2")}`,
    );
  }
  return problems;
}

function ofGcp(key: string, given: string, example: string): string {
  const why = given === "" ? "is not set" : `is "${given}", which is no ${key} of Google Cloud`;
  return `gcp:${key} ${why}. Set it: pulumi config set gcp:${key} ${example}`;
}

function howToSet(key: string, example: string): string {
  return `Set it: pulumi config set ${key} ${example}`;
}

function complain(problems: readonly string[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return `The stack's configuration has ${count}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`;
}
