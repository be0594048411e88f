import { fileURLToPath } from "node:url";
import type { Level } from "../../config/level.js";
import type { ProgramUnderTest } from "./describe-lifecycle.js";
import { sampleSettings } from "./sample-config.js";

/** The program itself, at a level, with everything deployed. */
export function relayProgram(level: Level): ProgramUnderTest {
  return {
    title: `the program at the level ${level}`,
    main: fileURLToPath(new URL("../../index.ts", import.meta.url)),
    project: "relay",
    config: { "gcp:project": "relay-test", "gcp:region": "europe-west3", ...sampleSettings(level) },
    faults: [
      {
        type: "gcp:sql/databaseInstance:DatabaseInstance",
        operation: "create",
        kind: "refused",
        message: "Error 503: the database is out of order",
      },
      {
        type: "gcp:container/cluster:Cluster",
        operation: "create",
        kind: "half-done",
        message: "Error waiting for creating GKE cluster: nodes did not register",
      },
    ],
    change: {
      config: { databaseTier: "db-custom-4-15360", retentionDays: "21" },
      touches: ["gcp:sql/databaseInstance:DatabaseInstance::relay", "kubernetes:apps/v1:Deployment::relay"],
    },
    replacement: { config: { "gcp:region": "europe-west1" }, says: "protect" },
    unprotect: async ({ project }) => {
      await project.config("deletionProtection", "false");
      await project.up();
    },
    protected: [
      "gcp:kms/cryptoKey:CryptoKey::relay-database",
      "gcp:kms/cryptoKey:CryptoKey::relay-webhooks",
      "gcp:sql/databaseInstance:DatabaseInstance::relay",
      "gcp:container/cluster:Cluster::relay",
    ],
  };
}
