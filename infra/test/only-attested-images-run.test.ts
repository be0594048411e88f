import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);

  test("a tag is never moved to another image, old images go, and all are scanned", () => {
    expect(program.one("artifactregistry.Repository").inputs).toMatchObject({
      format: "DOCKER",
      location: "europe-west3",
      dockerConfig: { immutableTags: true },
      kmsKeyName: expect.stringContaining("/relay-images-"),
      vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
      cleanupPolicies: [
        { id: "untagged", action: "DELETE" },
        { id: "recent", action: "KEEP" },
      ],
    });
  });

  // dev notes what would be refused: images are built by hand there.
  test(
    level === "dev" ? "an image that nobody vouches for is noted" : "threat: an image that nobody vouches for",
    () => {
      const attestor = program.one("binaryauthorization.Attestor");
      const policy = program.one("binaryauthorization.Policy");
      expect(policy.inputs).toMatchObject({
        globalPolicyEvaluationMode: "ENABLE",
        defaultAdmissionRule: {
          evaluationMode: "REQUIRE_ATTESTATION",
          enforcementMode: level === "dev" ? "DRYRUN_AUDIT_LOG_ONLY" : "ENFORCED_BLOCK_AND_AUDIT_LOG",
        },
      });
      // Exceptions would be a way around it.
      expect(policy.inputs).not.toHaveProperty("admissionWhitelistPatterns");
      expect(policy.inputs).not.toHaveProperty("clusterAdmissionRules");
      expect(program.waitsFor(policy, attestor)).toBe(true);
    },
  );

  test("the attestor knows its key as attestations name it", () => {
    const { inputs } = program.one("binaryauthorization.Attestor");
    expect(inputs).toHaveProperty(
      "attestationAuthorityNote.publicKeys[0].id",
      expect.stringMatching(
        /^\/\/cloudkms\.googleapis\.com\/v1\/projects\/relay-project\/locations\/europe-west3\/keyRings\/[^/]+\/cryptoKeys\/relay-attestations-[^/]+\/cryptoKeyVersions\/1$/,
      ),
    );
    expect(inputs).toHaveProperty(
      "attestationAuthorityNote.publicKeys[0].pkixPublicKey.signatureAlgorithm",
      "ECDSA_P256_SHA256",
    );
    expect(program.one("kms.CryptoKey", "relay-attestations").inputs).toMatchObject({
      purpose: "ASYMMETRIC_SIGN",
      versionTemplate: { algorithm: "EC_SIGN_P256_SHA256" },
    });
    expect(program.one("containeranalysis.Note").inputs).toHaveProperty("attestationAuthority.hint.humanReadableName");
  });

  test("threat: an image is swapped behind its name; every pod's images are named by digest, and others are refused", () => {
    const images = [...JSON.stringify(program.resources.map(({ inputs }) => inputs)).matchAll(/"image":"([^"]*)"/g)];
    expect(images.length).toBeGreaterThanOrEqual(4);
    for (const [, image] of images) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);

    const policy = program.one("admissionregistration.k8s.io/v1.ValidatingAdmissionPolicy");
    expect(policy.inputs).toMatchObject({ spec: { failurePolicy: "Fail" } });
    for (const list of ["containers", "initContainers", "ephemeralContainers"]) {
      expect(JSON.stringify(policy.inputs)).toContain(
        `object.spec.${list}.all(c, c.image.matches('@sha256:[0-9a-f]{64}$'))`,
      );
    }
    const binding = program.one("admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBinding");
    expect(binding.inputs).toMatchObject({ spec: { validationActions: ["Deny"] } });
    expect(program.waitsFor(program.one("apps/v1.Deployment"), binding)).toBe(true);
  });
});
