import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Administrator } from "./administrator.js";
import type { RelayConfig } from "./config/read-config.js";
import type { Keys } from "./keys.js";
import type { Project } from "./project.js";
import type { Registry } from "./registry.js";

/** What starts a workflow that may deploy: never anything that a stranger can cause, as a pull request. */
const EVENTS = ["push", "workflow_dispatch", "schedule"];
const ISSUER = "https://token.actions.githubusercontent.com";

export interface PipelineArgs {
  readonly config: Pick<RelayConfig, "region" | "githubBranch">;
  /** OWNER/NAME */
  readonly repository: string;
  readonly project: Project;
  readonly keys: Keys;
  readonly registry: Registry;
  readonly administrator: Administrator;
  readonly prefix: string;
}

/** Lets workflows of one branch of one repository push and sign images, and read the administrator token: without any key. */
export class Pipeline extends pulumi.ComponentResource {
  /** Audience of the workflow's token: `workload_identity_provider` of google-github-actions/auth. */
  readonly provider: pulumi.Output<string>;

  constructor(name: string, args: PipelineArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Pipeline", name, {}, options);
    const { config, repository, project, keys, registry, administrator, prefix } = args;
    const parent = { parent: this };
    const pool = new gcp.iam.WorkloadIdentityPool(
      name,
      {
        project: project.id,
        workloadIdentityPoolId: `${prefix}-pipeline`,
        displayName: "Pipelines of the relay",
        description: "Workflows that deploy the relay",
      },
      parent,
    );
    const branch = `refs/heads/${config.githubBranch}`;
    const provider = new gcp.iam.WorkloadIdentityPoolProvider(
      name,
      {
        project: project.id,
        workloadIdentityPoolId: pool.workloadIdentityPoolId,
        workloadIdentityPoolProviderId: "github",
        displayName: "GitHub Actions",
        oidc: { issuerUri: ISSUER },
        attributeMapping: {
          "google.subject": "assertion.sub",
          "attribute.repository": "assertion.repository",
          "attribute.ref": "assertion.ref",
        },
        // A workflow of anybody else's repository, or of a fork's pull request, has a token of the same issuer.
        attributeCondition: `assertion.repository == "${repository}" && assertion.ref == "${branch}" && assertion.event_name in [${EVENTS.map((event) => `"${event}"`).join(", ")}]`,
      },
      parent,
    );
    const member = pulumi.interpolate`principalSet://iam.googleapis.com/${pool.name}/attribute.repository/${repository}`;
    new gcp.artifactregistry.RepositoryIamMember(
      `${name}-push`,
      {
        project: project.id,
        location: config.region,
        repository: registry.repository.name,
        role: "roles/artifactregistry.writer",
        member,
      },
      parent,
    );
    new gcp.kms.CryptoKeyIAMMember(
      `${name}-sign`,
      { cryptoKeyId: keys.attestations.id, role: "roles/cloudkms.signerVerifier", member },
      parent,
    );
    new gcp.containeranalysis.NoteIamMember(
      `${name}-attest`,
      { project: project.id, note: registry.note.name, role: "roles/containeranalysis.notes.attacher", member },
      parent,
    );
    // `gcloud container binauthz attestations sign-and-create` reads the attestor, and writes into the project.
    new gcp.binaryauthorization.AttestorIamMember(
      `${name}-attestor`,
      { project: project.id, attestor: registry.attestor, role: "roles/binaryauthorization.attestorsViewer", member },
      parent,
    );
    new gcp.projects.IAMMember(
      `${name}-occurrences`,
      { project: project.id, role: "roles/containeranalysis.occurrences.editor", member },
      parent,
    );
    administrator.allow("pipeline", member);
    this.provider = provider.name;
    this.registerOutputs({ provider: this.provider });
  }
}
