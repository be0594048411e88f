import { howToSet } from "./how-to-set.js";
import type { Level } from "./level.js";
import { SETTINGS, type SettingValues } from "./settings.js";

/** What no single setting can see: values that do not go together, or not with the level. One sentence each. */
export function contradictions(config: SettingValues & { readonly level: Level }): string[] {
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
  // An empty list is set, and means nobody.
  const somebody = ["agentNetworks", ...(config.level === "dev" ? [] : (["alertEmails"] as const))] as const;
  for (const key of config.level === "locked" ? ([...somebody, "administrators"] as const) : somebody) {
    if (config[key].length > 0) continue;
    problems.push(`relay:${key} names nobody. ${howToSet(key, SETTINGS[key].example)}`);
  }
  if (config.attestationKeyVersions.length === 0) {
    problems.push(
      `relay:attestationKeyVersions is empty: no image could run. ${howToSet("attestationKeyVersions", "1")}`,
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
