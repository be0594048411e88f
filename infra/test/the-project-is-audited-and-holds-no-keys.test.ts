import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

const LISTED = [
  "artifactregistry",
  "binaryauthorization",
  "certificatemanager",
  "cloudkms",
  "container",
  "containeranalysis",
  "gkebackup",
  "monitoring",
  "secretmanager",
  "servicenetworking",
  "sqladmin",
];

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const services = program.all("projects.Service");

  test("every API that is called is switched on, and stays on for others when the stack goes", () => {
    const on = services.map(({ inputs }) => inputs.service);
    expect(on).toEqual(expect.arrayContaining(LISTED.map((name) => `${name}.googleapis.com`)));
    for (const service of services) expect(service.inputs, service.name).toMatchObject({ disableOnDestroy: false });
  });

  test("nothing is made at Google before its API is on", () => {
    const made = program.resources.filter(
      ({ type }) => type.startsWith("gcp:") && !type.startsWith("gcp:projects/service:"),
    );
    for (const resource of made) {
      const missing = services.filter((service) => !program.waitsFor(resource, service)).map(({ name }) => name);
      expect(missing, resource.urn).toEqual([]);
    }
  });

  test("every agent of Google's exists before it is granted a key", () => {
    const agents = program.all("projects.ServiceIdentity");
    expect(agents.map(({ inputs }) => inputs.service)).toEqual(
      expect.arrayContaining(["artifactregistry", "secretmanager", "sqladmin"].map((name) => `${name}.googleapis.com`)),
    );
    const grants = program
      .all("kms.CryptoKeyIAMMember")
      .filter(({ inputs }) => String(inputs.member).includes("service-"));
    expect(grants.length).toBeGreaterThan(5);
    for (const grant of grants) {
      // Compute Engine's is made with the API, and has no identity to ask for.
      if (String(grant.inputs.member).includes("@compute-system.")) continue;
      expect(
        agents.some((agent) => program.waitsFor(grant, agent)),
        grant.name,
      ).toBe(true);
    }
  });

  test("threat: a key or a secret is read and nobody knows by whom", () => {
    const audits = program.all("projects.IAMAuditConfig");
    expect(audits.map(({ inputs }) => inputs.service).sort()).toEqual([
      "cloudkms.googleapis.com",
      "secretmanager.googleapis.com",
    ]);
    for (const { inputs } of audits) {
      expect(inputs.auditLogConfigs).toEqual(
        expect.arrayContaining([{ logType: "DATA_READ" }, { logType: "DATA_WRITE" }]),
      );
    }
  });

  test("threat: a service account's key leaks; no service account has one", () => {
    const keys = program.resources.filter(({ type }) => /serviceaccount\/key:|serviceAccountKey|hmacKey/i.test(type));
    expect(keys).toEqual([]);
  });
});

describe("the pipeline", async () => {
  const program = await programOf("prod");

  test("threat: a workflow of somebody else's repository, or of a pull request, has a token of the same issuer", () => {
    const { inputs } = program.one("iam.WorkloadIdentityPoolProvider");
    expect(inputs.oidc).toEqual({ issuerUri: "https://token.actions.githubusercontent.com" });
    expect(inputs.attributeCondition).toBe(
      'assertion.repository == "example/relay-config" && assertion.ref == "refs/heads/main" && assertion.event_name in ["push", "workflow_dispatch", "schedule"]',
    );
  });

  test("may push, sign and attest images and read one secret, as the repository and by nothing else", () => {
    const grants = program.resources.filter(({ inputs }) => String(inputs.member).startsWith("principalSet://"));
    expect(grants.map(({ inputs }) => inputs.role).sort()).toEqual([
      "roles/artifactregistry.writer",
      "roles/binaryauthorization.attestorsViewer",
      "roles/cloudkms.signerVerifier",
      "roles/containeranalysis.notes.attacher",
      "roles/containeranalysis.occurrences.editor",
      "roles/secretmanager.secretAccessor",
    ]);
    for (const { inputs } of grants) expect(inputs.member).toMatch(/\/attribute\.repository\/example\/relay-config$/);
  });

  test("is let in nowhere while no repository is named", async () => {
    const without = await programOf("prod", { githubRepository: undefined });
    expect(without.all("iam.WorkloadIdentityPool")).toEqual([]);
    expect(without.resources.filter(({ inputs }) => String(inputs.member).startsWith("principalSet://"))).toEqual([]);
  });
});
