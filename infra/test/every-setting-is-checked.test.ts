import { describe, expect, test } from "vitest";
import { LEVELS, type Level } from "../config/level.js";
import { ConfigError, readConfig } from "../config/read-config.js";
import { REQUIRED, type Setting } from "../config/setting.js";
import { SETTINGS } from "../config/settings.js";
import { stackNameProblem } from "../config/stack-name.js";
import { sampleConfig, sampleSettings } from "./support/sample-config.js";

type Key = keyof typeof SETTINGS;

/** A value that no stack may have, for each setting. */
const REFUSED: { readonly [K in Key]: string } = {
  domain: "https://relay.example.com",
  manageDns: "yes",
  image: "europe-west3-docker.pkg.dev/my-project/relay/server:latest",
  proxyImage: "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2",
  alertEmails: "oncall",
  administrators: "serviceAccount:robot@my-project.iam.gserviceaccount.com",
  securityGroup: "admins@example.com",
  adminNetworks: "203.0.113.7/24",
  agentNetworks: "203.0.113.0",
  ingestRatePerAddress: "0",
  publicDestinations: "sometimes",
  deletionProtection: "no",
  natAddresses: "17",
  autopilot: "on",
  nodeMachineType: "big",
  nodesMin: "0",
  nodesMax: "1.5",
  databaseEdition: "STANDARD",
  databaseTier: "large",
  databaseDiskGb: "9",
  databaseDiskLimitGb: "70000",
  backupLocation: "Europe",
  databaseBackupDays: "0",
  keyRotationDays: "366",
  previousKmsKeys: "relay-webhooks",
  attestationKeyVersions: "newest",
  replicasMin: "0",
  replicasMax: "101",
  agentsPerReplica: "many",
  retentionDays: "0",
  resumeWindow: "10 minutes",
  adminTokenVersion: "-1",
  githubRepository: "relay-config",
  githubBranch: "main branch",
};

/** What else a setting needs, to be accepted as in its example. */
const TOGETHER: { readonly [K in Key]?: Readonly<Record<string, string>> } = {
  nodesMin: { nodesMax: "9" },
  replicasMin: { replicasMax: "6" },
  databaseDiskGb: { databaseDiskLimitGb: "500" },
};

const settings = Object.entries(SETTINGS) as [Key, Setting<unknown>][];

describe.each(settings)("relay:%s", (key, setting) => {
  test("takes its own example", () => {
    expect(() => sampleConfig("prod", { ...TOGETHER[key], [key]: setting.example })).not.toThrow();
  });

  test("refuses what it cannot be, names the key, and shows the example", () => {
    const complaint = complaintOf("prod", { [key]: REFUSED[key] });
    expect(complaint).toContain(`relay:${key} `);
    expect(complaint).toContain(`pulumi config set ${key} ${setting.example}`);
  });

  test.each(LEVELS.filter((level) => setting.defaults[level] === REQUIRED))("has to be set in %s", (level) => {
    expect(complaintOf(level, { [key]: undefined })).toContain(
      `relay:${key} is not set, and the level ${level} needs it. Set it: pulumi config set ${key} ${setting.example}`,
    );
  });
});

describe("the configuration as a whole", () => {
  test("says everything that is wrong at once", () => {
    const complaint = complaintOf("prod", { domain: undefined, nodesMin: "none", colour: "blue" });
    expect(complaint).toMatch(/^The stack's configuration has 3 problems:\n/);
    expect(complaint).toContain("relay:domain");
    expect(complaint).toContain("relay:nodesMin");
    expect(complaint).toContain("relay:colour is not a setting.");
  });

  test("suggests the key that was meant", () => {
    expect(complaintOf("dev", { domian: "relay.example.com" })).toContain("Did you mean relay:domain?");
    expect(complaintOf("dev", { replicasmax: "3" })).toContain("Did you mean relay:replicasMax?");
    expect(complaintOf("dev", { colour: "blue" })).not.toContain("Did you mean");
  });

  test("asks for the level before anything else", () => {
    const read = (level: string | undefined) => () =>
      readConfig({ get: () => level, gcp: () => undefined, keys: level === undefined ? [] : ["level"] });
    expect(read(undefined)).toThrow("relay:level is not set. Set it: pulumi config set level dev");
    expect(read("production")).toThrow('relay:level is "production", which is not one of dev, prod, locked.');
  });

  test("asks for the project and the region", () => {
    const read = (project: string | undefined, region: string | undefined) => () =>
      readConfig({
        get: (key) => sampleSettings("dev")[key],
        gcp: (key) => ({ project, region })[key],
        keys: ["level"],
      });
    expect(read(undefined, "europe-west3")).toThrow("gcp:project is not set. Set it: pulumi config set gcp:project");
    expect(read("My Project", "europe-west3")).toThrow('gcp:project is "My Project"');
    expect(read("my-project", "europe-west3-a")).toThrow('gcp:region is "europe-west3-a"');
  });

  test.each<[Level, Record<string, string>, string]>([
    ["prod", { nodesMin: "10" }, "relay:nodesMin is 10 and relay:nodesMax only 9."],
    ["prod", { replicasMin: "7" }, "relay:replicasMin is 7 and relay:replicasMax only 6."],
    ["prod", { databaseDiskGb: "600" }, "relay:databaseDiskGb is 600 and relay:databaseDiskLimitGb only 500."],
    ["prod", { domain: "" }, "relay:domain is empty"],
    ["prod", { proxyImage: "" }, "relay:image and relay:proxyImage go together."],
    ["prod", { replicasMin: "1" }, "relay:replicasMin is 1"],
    ["prod", { alertEmails: "" }, "relay:alertEmails names nobody."],
    ["dev", { agentNetworks: "" }, "relay:agentNetworks names nobody."],
    ["locked", { administrators: "" }, "relay:administrators names nobody."],
    ["locked", { adminNetworks: "0.0.0.0/0" }, "relay:adminNetworks lets everybody in"],
    ["locked", { agentNetworks: "203.0.113.0/24,0.0.0.0/0" }, "relay:agentNetworks lets everybody in"],
    ["locked", { nodeMachineType: "e2-standard-4" }, "relay:nodeMachineType is e2-standard-4"],
    ["prod", { databaseEdition: "ENTERPRISE_PLUS" }, "relay:databaseTier is db-custom-2-7680"],
  ])("refuses in %s what does not go together: %o", (level, given, complaint) => {
    expect(complaintOf(level, given)).toContain(complaint);
  });

  test("takes nobody at the API for an answer", () => {
    expect(sampleConfig("prod", { adminNetworks: "" }).adminNetworks).toEqual([]);
  });

  test.each(["203.0.113.0/24, 198.51.100.7/32", '["203.0.113.0/24","198.51.100.7/32"]'])(
    "takes a list with commas and a list of YAML: %s",
    (given) => {
      expect(sampleConfig("prod", { adminNetworks: given }).adminNetworks).toEqual([
        "203.0.113.0/24",
        "198.51.100.7/32",
      ]);
    },
  );

  test.each([
    ["203.0.113.0/24,203.0.113.0/24", 'has "203.0.113.0/24" twice'],
    ["203.0.113.7/24", "is an address within 203.0.113.0/24: write that, or 203.0.113.7/32"],
    ['["203.0.113.0/24", 7]', "is not a list of texts"],
    ['["203.0.113.0/24"', "is not a list of texts"],
  ])("refuses the list %s and says why", (given, why) => {
    expect(complaintOf("prod", { adminNetworks: given })).toContain(why);
  });
});

describe("a stack's name", () => {
  test.each(["dev", "prod", "locked", "eu-west-3"])("may be %s", (name) => {
    expect(stackNameProblem(name, "my-project")).toBeUndefined();
  });

  test.each(["Prod", "3rd", "a_b", "prod-", ""])("may not be %s, which names at Google cannot have in them", (name) => {
    expect(stackNameProblem(name, "my-project")).toContain("pulumi stack rename");
  });

  test("leaves room for what is appended to it in a service account's id, and in its role's name", () => {
    expect(stackNameProblem("thirteen-char", "my-project")).toBeUndefined();
    expect(stackNameProblem("fourteen-chars", "my-project")).toContain("13 are left for it");
    expect(stackNameProblem("thirteen-char", "a-project-id-of-thirty-letters")).toContain("11 are left for it");
  });
});

function complaintOf(level: Level, given: Record<string, string | undefined>): string {
  try {
    sampleConfig(level, given);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("The configuration was accepted.");
}
