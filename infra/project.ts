import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";

/** APIs that the program calls. They stay on when the stack is destroyed: others in the project may use them. */
const SERVICES = [
  "artifactregistry",
  "binaryauthorization",
  "certificatemanager",
  "cloudkms",
  "cloudresourcemanager",
  "compute",
  "container",
  "containeranalysis",
  "containerscanning",
  "dns",
  "gkebackup",
  "iam",
  "iamcredentials",
  "logging",
  "monitoring",
  "pubsub",
  "secretmanager",
  "servicenetworking",
  "sqladmin",
  "sts",
] as const;

/** Services whose agent exists only once it has been asked for, and must exist before it can be granted a key. */
const AGENTS = ["artifactregistry", "container", "gkebackup", "pubsub", "secretmanager", "sqladmin"] as const;

type AgentService = (typeof AGENTS)[number];

export interface ProjectArgs {
  /** Id of an existing project. */
  readonly projectId: string;
}

/** A Google Cloud project made ready: its APIs, the identities of Google's own services, and the audit of who used what. */
export class Project extends pulumi.ComponentResource {
  /** The project's id, known once every API is on: whoever takes it waits for them. */
  readonly id: pulumi.Output<string>;
  readonly number: pulumi.Output<string>;
  /** The pool that the project's clusters share for workload identity. */
  readonly workloadPool: pulumi.Output<string>;
  readonly #agents: ReadonlyMap<AgentService, pulumi.Output<string>>;

  constructor(name: string, { projectId }: ProjectArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Project", name, {}, options);
    const parent = { parent: this };
    const services = SERVICES.map(
      (service) =>
        new gcp.projects.Service(
          `${name}-${service}`,
          { project: projectId, service: `${service}.googleapis.com`, disableOnDestroy: false },
          parent,
        ),
    );
    this.id = pulumi.all(services.map((service) => service.project)).apply(() => projectId);
    this.workloadPool = pulumi.interpolate`${this.id}.svc.id.goog`;
    this.number = gcp.organizations.getProjectOutput({ projectId: this.id }, parent).number;
    this.#agents = new Map(
      AGENTS.map((service) => {
        const identity = new gcp.projects.ServiceIdentity(
          `${name}-${service}-agent`,
          { project: this.id, service: `${service}.googleapis.com` },
          parent,
        );
        return [service, identity.member];
      }),
    );
    for (const service of ["cloudkms", "secretmanager"]) {
      new gcp.projects.IAMAuditConfig(
        `${name}-${service}-audit`,
        {
          project: this.id,
          service: `${service}.googleapis.com`,
          auditLogConfigs: [{ logType: "ADMIN_READ" }, { logType: "DATA_READ" }, { logType: "DATA_WRITE" }],
        },
        parent,
      );
    }
    this.registerOutputs({ id: this.id, number: this.number });
  }

  /** The service's own identity as a member of a policy, `serviceAccount:…`. */
  agent(service: AgentService | "compute"): pulumi.Output<string> {
    // Compute Engine's agent comes with the API, under a name that has no identity to ask for.
    const named = this.#agents.get(service as AgentService);
    return named ?? pulumi.interpolate`serviceAccount:service-${this.number}@compute-system.iam.gserviceaccount.com`;
  }
}
