import type { Level } from "../../config/level.js";
import { type RelayConfig, readConfig } from "../../config/read-config.js";

const DIGEST = "a".repeat(64);
const IMAGE = `europe-west3-docker.pkg.dev/relay-project/relay-test/server@sha256:${DIGEST}`;
const PROXY_IMAGE = `europe-west3-docker.pkg.dev/relay-project/relay-test/cloud-sql-proxy@sha256:${"b".repeat(64)}`;

/** What a stack of each level has to say for itself. */
const REQUIRED: { readonly [L in Level]: Readonly<Record<string, string>> } = {
  dev: {},
  prod: {
    domain: "relay.example.com",
    alertEmails: "oncall@example.com",
    adminNetworks: "203.0.113.0/24",
    administrators: "group:relay-admins@example.com",
    githubRepository: "example/relay-config",
  },
  locked: {
    domain: "relay.example.com",
    alertEmails: "oncall@example.com",
    administrators: "group:relay-admins@example.com",
    adminNetworks: "203.0.113.0/24",
    agentNetworks: "203.0.113.0/24,198.51.100.7/32",
    securityGroup: "gke-security-groups@example.com",
    githubRepository: "example/relay-config",
  },
};

/** Settings of a stack of that level with everything deployed, as `pulumi config` holds them. */
export function sampleSettings(level: Level): Record<string, string> {
  return { level, image: IMAGE, proxyImage: PROXY_IMAGE, ...REQUIRED[level] };
}

/** The configuration of a level, with some settings set or, given undefined, left out. */
export function sampleConfig(level: Level, settings: Readonly<Record<string, string | undefined>> = {}): RelayConfig {
  const all: Record<string, string | undefined> = { ...sampleSettings(level), ...settings };
  return readConfig({
    get: (key) => all[key],
    gcp: (key) => ({ project: "relay-project", region: "europe-west3" })[key],
    keys: Object.keys(all).filter((key) => all[key] !== undefined),
  });
}
