import { fileURLToPath } from "node:url";
import type { ProgramUnderTest } from "./describe-lifecycle.js";

/** The program that the stand-ins are tried with. */
export const SMALL_PROGRAM: ProgramUnderTest = {
  title: "a small program for Google's cloud",
  main: fileURLToPath(new URL("../small-program/index.ts", import.meta.url)),
  project: "small",
  config: { project: "relay-test", region: "europe-west3", protect: "true" },
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
    config: { tier: "db-custom-4-15360", replicas: "3" },
    touches: ["gcp:sql/databaseInstance:DatabaseInstance::relay", "kubernetes:apps/v1:Deployment::server"],
  },
  replacement: {
    config: { region: "europe-west1" },
    says: "protect",
  },
  unprotect: async ({ project }) => {
    await project.config("protect", "false");
    await project.up();
  },
  protected: ["gcp:kms/cryptoKey:CryptoKey::database"],
};
