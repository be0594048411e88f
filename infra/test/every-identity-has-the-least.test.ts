import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const accounts = program.all("serviceaccount.Account");
  const ofAccount = (name: string) =>
    program.resources
      .filter(
        ({ inputs }) => inputs.member === `serviceAccount:relay-test-${name}@relay-project.iam.gserviceaccount.com`,
      )
      .map(({ inputs }) => String(inputs.role))
      .sort();

  test("nodes and each workload have an account of their own, with an id that Google takes", () => {
    expect(accounts.map(({ inputs }) => inputs.accountId).sort()).toEqual([
      "relay-test-migrations",
      "relay-test-nodes",
      "relay-test-server",
    ]);
    for (const { inputs } of accounts) expect(inputs.accountId).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  });

  test("nodes write logs and metrics and read images, and nothing else", () => {
    expect(ofAccount("nodes")).toEqual([
      "roles/artifactregistry.reader",
      "roles/logging.logWriter",
      "roles/monitoring.metricWriter",
      "roles/monitoring.viewer",
      "roles/stackdriver.resourceMetadata.writer",
    ]);
  });

  test("threat: a captured server asks for more; it may use the database, its key and its secret", () => {
    expect(ofAccount("server")).toEqual([
      "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      "roles/cloudsql.client",
      "roles/cloudsql.instanceUser",
      "roles/secretmanager.secretAccessor",
    ]);
  });

  test("migrations may use the database, and neither the key nor the secret", () => {
    expect(ofAccount("migrations")).toEqual(["roles/cloudsql.client", "roles/cloudsql.instanceUser"]);
  });

  test("no role of an owner or an editor is given to anybody", () => {
    const roles = program.resources.map(({ inputs }) => String(inputs.role));
    expect(roles.filter((role) => /^roles\/(owner|editor|viewer)$|\.admin$/.test(role))).toEqual([]);
    expect(program.resources.filter(({ type }) => /IAMBinding|IAMPolicy:|IamPolicy$/.test(type))).toEqual([]);
  });

  test("nobody is let in by being anybody", () => {
    const everybody = program.resources.filter(({ inputs }) =>
      /^all(Authenticated)?Users$/.test(String(inputs.member)),
    );
    expect(everybody).toEqual([]);
  });

  // The principal:// form would do for Secret Manager and KMS; Cloud SQL knows Google accounts alone.
  test("pods act as their account by workload identity: one Kubernetes account for each, in one namespace", () => {
    const bindings = program.all("serviceaccount.IAMMember");
    expect(bindings.map(({ inputs }) => [inputs.role, inputs.serviceAccountId, inputs.member]).sort()).toEqual(
      ["migrations", "server"].map((workload) => [
        "roles/iam.workloadIdentityUser",
        `projects/relay-project/serviceAccounts/relay-test-${workload}@relay-project.iam.gserviceaccount.com`,
        `serviceAccount:relay-project.svc.id.goog[relay/${workload}]`,
      ]),
    );
    for (const binding of bindings) {
      // The pool exists once the cluster does.
      expect(program.waitsFor(binding, program.one("container.Cluster")), binding.name).toBe(true);
    }
    for (const account of program.all("core/v1.ServiceAccount")) {
      const { name, annotations } = account.inputs.metadata as { name: string; annotations: Record<string, string> };
      expect(annotations["iam.gke.io/gcp-service-account"]).toBe(
        `relay-test-${name}@relay-project.iam.gserviceaccount.com`,
      );
    }
  });
});

describe.each(LEVELS)("the administrator's secret of %s", async (level) => {
  const program = await programOf(level);
  const secret = program.one("secretmanager.Secret");

  test("is kept in the region, rotates, and cannot be destroyed in haste", () => {
    expect(secret.inputs).toMatchObject({
      replication: {
        userManaged: {
          replicas: [
            {
              location: "europe-west3",
              customerManagedEncryption: { kmsKeyName: expect.stringContaining("/relay-secrets-") },
            },
          ],
        },
      },
      rotation: { rotationPeriod: "7776000s", nextRotationTime: "2026-04-01T00:00:00Z" },
      topics: [{ name: expect.stringContaining("/Topic/") }],
      versionDestroyTtl: "86400s",
      deletionProtection: level !== "dev",
    });
    expect(secret.ignoreChanges).toContain("rotation.nextRotationTime");
  });

  test("tells of its rotation on a topic that Secret Manager may publish to by then", () => {
    expect(program.waitsFor(secret, program.one("pubsub.TopicIAMMember"))).toBe(true);
  });

  test("threat: the state leaks; its value is written and never read back", () => {
    const { inputs } = program.one("secretmanager.SecretVersion");
    expect(inputs).toMatchObject({ secretDataWo: expect.any(String), secretDataWoVersion: 1 });
    expect(inputs).not.toHaveProperty("secretData");
  });

  test("threat: the value stands where many can read; it is in no output, no environment and no other input", () => {
    const result = "not-a-real-secret-not-a-real-secret-not-a-r";
    const holders = program.resources.filter(({ inputs }) => JSON.stringify(inputs).includes(result));
    expect(holders.map(({ type }) => type.split(":").at(-1))).toEqual(["SecretVersion"]);
    expect(Object.keys(program.outputs)).not.toContain("administratorToken");
  });

  test("is read by the servers, the administrators and the pipeline, each by a grant on it alone", () => {
    const readers = program
      .all("secretmanager.SecretIamMember")
      .map(({ inputs }) => String(inputs.member).split(":")[0]);
    expect(readers.sort()).toEqual(
      level === "dev" ? ["principal", "serviceAccount"] : ["group", "principal", "principalSet", "serviceAccount"],
    );
    const wide = program
      .all("projects.IAMMember")
      .filter(({ inputs }) => String(inputs.role).includes("secretmanager"));
    expect(wide).toEqual([]);
  });

  test("comes to the pods as a file in memory, which is renewed, and as no object of the cluster", () => {
    expect(program.all("core/v1.Secret")).toEqual([]);
    const { inputs } = program.one("secrets-store.csi.x-k8s.io/v1.SecretProviderClass");
    const { provider, parameters } = inputs.spec as { provider: string; parameters: { secrets: string } };
    expect(provider).toBe("gke");
    expect(JSON.parse(parameters.secrets)).toEqual([
      {
        resourceName: "projects/relay-project/secrets/relay-test-administrator/versions/latest",
        path: "administrator",
      },
    ]);
    expect(JSON.stringify(program.one("apps/v1.Deployment").inputs)).toContain(
      '"driver":"secrets-store-gke.csi.k8s.io"',
    );
  });
});
