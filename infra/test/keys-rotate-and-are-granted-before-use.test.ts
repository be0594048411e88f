import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

const DAY_S = 86_400;

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const keys = program.all("kms.CryptoKey");
  const encrypting = keys.filter(({ inputs }) => inputs.purpose === "ENCRYPT_DECRYPT");

  test("the ring is where the data is", () => {
    expect(program.one("kms.KeyRing").inputs.location).toBe(program.one("sql.DatabaseInstance").inputs.region);
  });

  test("every use has a key of its own", () => {
    expect(encrypting.map(({ name }) => name).sort()).toEqual(
      ["backups", "clusterSecrets", "database", "disks", "images", "secrets", "webhooks"].map((use) => `relay-${use}`),
    );
  });

  test("every key rotates, after 90 days at most", () => {
    for (const key of encrypting) {
      expect(key.inputs.rotationPeriod, key.name).toBe(`${(level === "locked" ? 30 : 90) * DAY_S}s`);
    }
  });

  test("a version that was destroyed by mistake can be had back for 30 days", () => {
    for (const key of keys) expect(key.inputs.destroyScheduledDuration, key.name).toBe(`${30 * DAY_S}s`);
  });

  // dev takes keys in software: they are cheaper, and what dev keeps is worth nothing.
  test(`every key is ${level === "dev" ? "in software" : "in hardware"}`, () => {
    for (const key of keys) {
      const expected = level === "dev" ? "SOFTWARE" : "HSM";
      expect(key.inputs, key.name).toHaveProperty("versionTemplate.protectionLevel", expected);
    }
  });

  test("threat: a destroy takes the keys, and all data with them; keys and ring are kept at Google whatever happens", () => {
    for (const kept of [...keys, program.one("kms.KeyRing")]) {
      expect(kept.retainOnDelete, kept.name).toBe(true);
      expect(kept.protect, kept.name).toBe(level !== "dev");
    }
  });

  test("each key may be used by exactly the service that encrypts with it", () => {
    const users = (use: string) =>
      program
        .all("kms.CryptoKeyIAMMember")
        .filter(({ inputs }) => String(inputs.cryptoKeyId).includes(`/relay-${use}-`))
        .map(
          ({ inputs }) =>
            `${String(inputs.role).split(".")[1]} ${String(inputs.member).replace(/^.*@|\.iam\..*$/g, "")}`,
        )
        .sort();
    const both = (agent: string) => `cryptoKeyEncrypterDecrypter ${agent}`;
    expect(users("database")).toEqual([both("gcp-sa-cloud-sql")]);
    expect(users("clusterSecrets")).toEqual([both("container-engine-robot")]);
    expect(users("disks")).toEqual([both("compute-system")]);
    // The topic of Secret Manager's reminders is under the same key.
    expect(users("secrets")).toEqual([both("gcp-sa-pubsub"), both("gcp-sa-secretmanager")]);
    expect(users("images")).toEqual([both("gcp-sa-artifactregistry")]);
    expect(users("backups")).toEqual([both("gcp-sa-gkebackup")]);
    expect(users("webhooks")).toEqual([both("relay-project")]);
  });

  test("no role on keys is given for the whole project or the ring", () => {
    expect(program.all("kms.KeyRingIAMMember")).toEqual([]);
    const wide = program.all("projects.IAMMember").filter(({ inputs }) => String(inputs.role).includes("cloudkms"));
    expect(wide).toEqual([]);
  });

  test("every consumer of a key depends on its grant", () => {
    const grants = program.all("kms.CryptoKeyIAMMember");
    const consumers = program.resources.filter(
      ({ type, inputs }) => !type.startsWith("gcp:kms/") && JSON.stringify(inputs).includes("/cryptoKeys/"),
    );
    expect(consumers.map(({ type }) => type.split(":").at(-1))).toEqual(
      expect.arrayContaining([
        "DatabaseInstance",
        "Cluster",
        "NodePool",
        "Secret",
        "Repository",
        "Topic",
        "Deployment",
      ]),
    );
    for (const consumer of consumers) {
      for (const [key] of JSON.stringify(consumer.inputs).matchAll(/projects\/[^"]+\/cryptoKeys\/[^"/]+/g)) {
        // Verifying with the attestations' public half needs no grant.
        if (key.includes("/relay-attestations-")) continue;
        const waitedFor = grants.filter(({ inputs }) => inputs.cryptoKeyId === key);
        expect(waitedFor.length, `${consumer.urn} ${key}`).toBeGreaterThan(0);
        for (const grant of waitedFor)
          expect(program.waitsFor(consumer, grant), `${consumer.urn} ${grant.name}`).toBe(true);
      }
    }
  });

  test("whatever stores data does so under a key of the stack's own", () => {
    const keyOf: Record<string, string> = {
      "sql.DatabaseInstance": "encryptionKeyName",
      "artifactregistry.Repository": "kmsKeyName",
      "pubsub.Topic": "kmsKeyName",
      "secretmanager.Secret": "replication.userManaged.replicas[0].customerManagedEncryption.kmsKeyName",
      "container.Cluster": "databaseEncryption.keyName",
      "container.NodePool": "nodeConfig.bootDiskKmsKey",
      ...(level === "dev" ? {} : { "gkebackup.BackupPlan": "backupConfig.encryptionKey.gcpKmsEncryptionKey" }),
    };
    for (const [kind, path] of Object.entries(keyOf)) {
      expect(program.all(kind).length, kind).toBeGreaterThan(0);
      for (const { inputs } of program.all(kind))
        expect(inputs, kind).toHaveProperty(path, expect.stringContaining("/cryptoKeys/"));
    }
  });
});
