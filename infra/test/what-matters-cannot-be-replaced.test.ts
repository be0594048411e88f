import { describe, expect, test } from "vitest";
import { kindOf, programOf } from "./support/program.js";

/**
 * Pulumi refuses to delete what is protected, and so to replace it: a change that would make a new database, key, cluster
 * or address stops before anything is done. That the engine does so is proven with the engine; here, that they are marked.
 */
const PROTECTED = [
  "compute.Address",
  "compute.GlobalAddress",
  "container.Cluster",
  "kms.CryptoKey",
  "kms.KeyRing",
  "secretmanager.Secret",
  "sql.DatabaseInstance",
];

describe.each(["prod", "locked"] as const)("%s", async (level) => {
  const program = await programOf(level);

  test("a change that would replace the database, a key, the cluster, an address or the secret is refused", () => {
    const kinds = new Set(program.resources.filter(({ protect }) => protect).map(({ type }) => kindOf(type)));
    expect([...kinds].sort()).toEqual(PROTECTED);
    for (const kind of PROTECTED) {
      // The range of managed services is nobody's to know: it is the one address that may change.
      const all = program.all(kind).filter(({ name }) => name !== "relay-services");
      for (const { name, protect } of all) expect(protect, `${kind} ${name}`).toBe(true);
    }
  });

  test("Google refuses it too, where it can be told to", () => {
    for (const kind of ["sql.DatabaseInstance", "container.Cluster", "secretmanager.Secret"]) {
      expect(program.one(kind).inputs, kind).toMatchObject({ deletionProtection: true });
    }
  });
});

test("prod is taken down on purpose by one setting, which keeps the keys all the same", async () => {
  const program = await programOf("prod", { deletionProtection: "false" });
  expect(program.resources.filter(({ protect }) => protect)).toEqual([]);
  for (const kind of ["sql.DatabaseInstance", "container.Cluster", "secretmanager.Secret"]) {
    expect(program.one(kind).inputs, kind).toMatchObject({ deletionProtection: false });
  }
  expect(program.all("kms.CryptoKey").every(({ retainOnDelete }) => retainOnDelete)).toBe(true);
});

test("dev goes with one destroy: nothing is protected, and only the keys stay, which cannot be deleted", async () => {
  const program = await programOf("dev");
  expect(program.resources.filter(({ protect }) => protect)).toEqual([]);
  const kept = program.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ type }) => kindOf(type));
  expect([...new Set(kept)].sort()).toEqual(["kms.CryptoKey", "kms.KeyRing"]);
});

/** What the provider cannot change in place: another value means another resource. None of it may depend on an everyday setting. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  "sql.DatabaseInstance": ["name", "region", "project", "encryptionKeyName", "masterInstanceName"],
  "container.Cluster": [
    "name",
    "location",
    "project",
    "network",
    "subnetwork",
    "networkingMode",
    "ipAllocationPolicy",
    "datapathProvider",
    "initialNodeCount",
    "masterAuth",
    "enableAutopilot",
    "description",
  ],
  "kms.CryptoKey": ["name", "keyRing", "purpose", "destroyScheduledDuration", "importOnly"],
  "compute.GlobalAddress": ["name", "addressType", "ipVersion", "purpose", "prefixLength", "network"],
};

test("no everyday setting is behind a property that cannot change in place", async () => {
  const before = await programOf("prod");
  const after = await programOf("prod", {
    adminNetworks: "198.51.100.0/24",
    agentNetworks: "198.51.100.0/24",
    administrators: "group:others@example.com",
    alertEmails: "others@example.com",
    databaseBackupDays: "20",
    databaseDiskGb: "200",
    databaseDiskLimitGb: "900",
    databaseTier: "db-custom-4-15360",
    ingestRatePerAddress: "100",
    keyRotationDays: "60",
    natAddresses: "3",
    nodeMachineType: "n2d-standard-4",
    nodesMax: "12",
    nodesMin: "4",
    publicDestinations: "false",
    replicasMax: "9",
    replicasMin: "4",
    resumeWindow: "1h",
    retentionDays: "60",
  });
  for (const [kind, properties] of Object.entries(IMMUTABLE)) {
    for (const { name, inputs } of before.all(kind)) {
      const changed = after.one(kind, name).inputs;
      for (const property of properties)
        expect(changed[property], `${kind} ${name} ${property}`).toEqual(inputs[property]);
    }
  }
});
