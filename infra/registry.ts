import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import type { Identities } from "./identities.js";
import type { Keys } from "./keys.js";
import type { Project } from "./project.js";

export interface RegistryArgs {
  readonly config: Pick<RelayConfig, "level" | "region" | "attestationKeyVersions">;
  readonly project: Project;
  readonly keys: Keys;
  readonly identities: Identities;
  readonly prefix: string;
}

/** Where the images come from, and the rule that only those run that were signed for it. */
export class Registry extends pulumi.ComponentResource {
  /** HOST/PROJECT/REPOSITORY: what image names begin with. */
  readonly address: pulumi.Output<string>;
  readonly repository: gcp.artifactregistry.Repository;
  /** Full name of the attestor that vouches for images. */
  readonly attestor: pulumi.Output<string>;
  readonly note: gcp.containeranalysis.Note;
  /** The version of the key that attestations are signed with. */
  readonly signingKey: pulumi.Output<string>;

  constructor(
    name: string,
    { config, project, keys, identities, prefix }: RegistryArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("relay:infra:Registry", name, {}, options);
    const parent = { parent: this };
    this.repository = new gcp.artifactregistry.Repository(
      name,
      {
        project: project.id,
        location: config.region,
        repositoryId: prefix,
        description: "Images of the relay",
        format: "DOCKER",
        kmsKeyName: keys.id("images"),
        dockerConfig: { immutableTags: true },
        vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
        cleanupPolicies: [
          { id: "untagged", action: "DELETE", condition: { tagState: "UNTAGGED", olderThan: "2592000s" } },
          { id: "recent", action: "KEEP", mostRecentVersions: { keepCount: 20 } },
        ],
        labels: { app: "relay", level: config.level },
      },
      parent,
    );
    new gcp.artifactregistry.RepositoryIamMember(
      `${name}-nodes`,
      {
        project: project.id,
        location: config.region,
        repository: this.repository.name,
        role: "roles/artifactregistry.reader",
        member: identities.nodes.member,
      },
      parent,
    );
    this.note = new gcp.containeranalysis.Note(
      name,
      { project: project.id, attestationAuthority: { hint: { humanReadableName: "Built by the relay's pipeline" } } },
      parent,
    );
    const versions = config.attestationKeyVersions.map((version) =>
      gcp.kms.getKMSCryptoKeyVersionOutput({ cryptoKey: keys.attestations.id, version }, parent),
    );
    const attestor = new gcp.binaryauthorization.Attestor(
      name,
      {
        project: project.id,
        description: "Images that the relay's pipeline built and tested",
        attestationAuthorityNote: {
          noteReference: this.note.name,
          publicKeys: versions.map((version) => ({
            // The id of this one is a whole reference, //cloudkms.googleapis.com/v1/projects/…, as attestations carry it.
            id: version.id,
            pkixPublicKey: {
              publicKeyPem: version.publicKeys.apply((all) => all[0]?.pem ?? ""),
              signatureAlgorithm: "ECDSA_P256_SHA256",
            },
          })),
        },
      },
      parent,
    );
    new gcp.binaryauthorization.Policy(
      name,
      {
        project: project.id,
        description: "Only attested images, and those that Google runs the cluster with",
        globalPolicyEvaluationMode: "ENABLE",
        defaultAdmissionRule: {
          evaluationMode: "REQUIRE_ATTESTATION",
          enforcementMode: config.level === "dev" ? "DRYRUN_AUDIT_LOG_ONLY" : "ENFORCED_BLOCK_AND_AUDIT_LOG",
          requireAttestationsBies: [attestor.name],
        },
      },
      parent,
    );
    this.attestor = attestor.id;
    const newest = versions.at(-1);
    if (newest === undefined) throw new Error("There is no version of the attestation key.");
    this.signingKey = newest.name;
    this.address = pulumi.interpolate`${config.region}-docker.pkg.dev/${project.id}/${this.repository.repositoryId}`;
    this.registerOutputs({ address: this.address });
  }
}
