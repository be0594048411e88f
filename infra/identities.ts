import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Project } from "./project.js";

/** Namespace of the workloads, and their Kubernetes service accounts. */
export const NAMESPACE = "relay";

/** One identity per workload: the servers, and the job that changes the schema before they start. */
const WORKLOADS = {
  server: { description: "Relay servers: use the database, wrap and unwrap data keys" },
  migrations: { description: "Changes the relay's database schema before a release" },
} as const;

export type Workload = keyof typeof WORKLOADS;

/** What nodes may do: write logs and metrics, read images. */
const NODE_ROLES = [
  "logging.logWriter",
  "monitoring.metricWriter",
  "monitoring.viewer",
  "stackdriver.resourceMetadata.writer",
];

export interface IdentitiesArgs {
  readonly project: Project;
  /** Begins the accounts' ids, which are unique in the project. */
  readonly prefix: string;
}

/** Google service accounts of nodes and workloads. None has a key: nodes get theirs from the metadata server, pods by workload identity. */
export class Identities extends pulumi.ComponentResource {
  readonly nodes: gcp.serviceaccount.Account;
  readonly #accounts: ReadonlyMap<Workload, gcp.serviceaccount.Account>;
  readonly #project: Project;

  constructor(name: string, { project, prefix }: IdentitiesArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Identities", name, {}, options);
    this.#project = project;
    const account = (key: string, description: string) =>
      new gcp.serviceaccount.Account(
        `${name}-${key}`,
        { project: project.id, accountId: `${prefix}-${key}`, displayName: `${prefix} ${key}`, description },
        { parent: this },
      );
    this.nodes = account("nodes", "Nodes of the relay's cluster: write logs and metrics, read images");
    for (const role of NODE_ROLES) {
      new gcp.projects.IAMMember(
        `${name}-nodes-${role}`,
        { project: project.id, role: `roles/${role}`, member: this.nodes.member },
        { parent: this },
      );
    }
    this.#accounts = new Map(
      Object.entries(WORKLOADS).map(([key, { description }]) => [key as Workload, account(key, description)]),
    );
    this.registerOutputs({});
  }

  /** The Google account of a workload. */
  account(workload: Workload): gcp.serviceaccount.Account {
    const account = this.#accounts.get(workload);
    if (account === undefined) throw new Error(`There is no account for ${workload}.`);
    return account;
  }

  /**
   * The workload as pods are known by themselves, without a Google account: the cluster's Secret Manager add-on may fetch
   * their secrets under either name.
   */
  principal(workload: Workload): pulumi.Output<string> {
    const pool = pulumi.interpolate`projects/${this.#project.number}/locations/global/workloadIdentityPools/${this.#project.workloadPool}`;
    return pulumi.interpolate`principal://iam.googleapis.com/${pool}/subject/ns/${NAMESPACE}/sa/${workload}`;
  }

  /** Lets the pods of a Kubernetes service account act as the workload's Google account. Gives the account's e-mail. */
  bind(workload: Workload, after: pulumi.Input<string>): pulumi.Output<string> {
    const account = this.account(workload);
    const binding = new gcp.serviceaccount.IAMMember(
      `workload-identity-${workload}`,
      {
        serviceAccountId: account.name,
        role: "roles/iam.workloadIdentityUser",
        // The pool exists once the cluster does.
        member: pulumi
          .all([this.#project.workloadPool, after])
          .apply(([pool]) => `serviceAccount:${pool}[${NAMESPACE}/${workload}]`),
      },
      { parent: this },
    );
    return pulumi.all([account.email, binding.id]).apply(([email]) => email);
  }
}
