import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { Administrator } from "./administrator.js";
import { Backup } from "./backup.js";
import { Cluster } from "./cluster.js";
import type { RelayConfig } from "./config/read-config.js";
import { Database } from "./database.js";
import { Edge } from "./edge.js";
import { Identities } from "./identities.js";
import { Keys } from "./keys.js";
import { Monitoring } from "./monitoring/monitoring.js";
import { Network } from "./network.js";
import { nextSteps } from "./next-steps.js";
import { Notices } from "./notices.js";
import { Pipeline } from "./pipeline.js";
import { Project } from "./project.js";
import { Registry } from "./registry.js";
import { Relay } from "./relay/relay.js";

export interface StackArgs {
  readonly config: RelayConfig;
  /** Name of the stack: part of every name that has to be unique in the project. */
  readonly stack: string;
  readonly now: Date;
}

/** Puts the parts together, in the order in which they need each other. Gives the stack's outputs. */
export function relayStack({ config, stack, now }: StackArgs) {
  const prefix = `relay-${stack}`;
  const labels = { app: "relay", stack };
  const provider = new gcp.Provider("google", {
    project: config.project,
    region: config.region,
    defaultLabels: labels,
  });
  const options = { provider };
  const name = "relay";

  const project = new Project(name, { projectId: config.project }, options);
  const keys = new Keys(name, { config, project }, options);
  const network = new Network(name, { config, project }, options);
  const identities = new Identities(name, { project, prefix }, options);
  const notices = new Notices(name, { project, keys }, options).topic;
  const administrator = new Administrator(
    name,
    { config, project, keys, notices, prefix, firstRotation: inDays(now, 90) },
    options,
  );
  const registry = new Registry(name, { config, project, keys, identities, prefix }, options);
  const database = new Database(name, { config, project, network, keys }, options);
  const cluster = new Cluster(name, { config, project, network, keys, identities, notices }, options);
  const edge = new Edge(name, { config, project }, options);

  const server = identities.account("server");
  const administratorSecret = pulumi
    .all([
      administrator.allow("server", server.member),
      administrator.allow("server-pods", identities.principal("server")),
    ])
    .apply(([secret]) => secret);
  const relay = new Relay(
    name,
    {
      config,
      edge,
      accounts: {
        server: identities.bind("server", cluster.id),
        migrations: identities.bind("migrations", cluster.id),
      },
      database: {
        connectionName: database.connectionName,
        name: database.database,
        cidr: network.servicesCidr,
        users: {
          server: database.user("server", server),
          // Makes the role that owns the schema, and gives it to the servers.
          migrations: database.user("migrations", identities.account("migrations"), ["cloudsqlsuperuser"]),
        },
      },
      kmsKey: keys.webhooksFor(server),
      administrator: { key: administrator.key, secret: administratorSecret },
    },
    { provider: cluster.provider },
  );
  const deployed = config.image !== undefined;
  if (config.level !== "dev") new Backup(name, { config, project, keys, cluster: cluster.id }, options);
  new Monitoring(
    name,
    { config, project, hosts: edge.hosts, instance: database.instance, prefix, deployed },
    { ...options, dependsOn: [relay] },
  );
  const pipeline =
    config.githubRepository === undefined
      ? undefined
      : new Pipeline(
          name,
          { config, repository: config.githubRepository, project, keys, registry, administrator, prefix },
          options,
        );

  return {
    /** What inputs' addresses begin with. */
    ingestUrl: pulumi.interpolate`https://${edge.hosts.ingest}`,
    /** Where the API and manifests are applied. */
    apiUrl: pulumi.interpolate`https://${edge.hosts.admin}`,
    /** Where agents connect. */
    agentUrl: pulumi.interpolate`https://${edge.hosts.agents}`,
    agentGrpcAddress: pulumi.interpolate`${edge.hosts.agents}:443`,
    /** What clients trust when there is no domain. */
    edgeCertificate: edge.certificate,
    address: edge.address,
    dnsToDo: edge.dnsToDo,
    natAddresses: network.natAddresses,
    administratorKey: administrator.key,
    /** Name of the secret in Secret Manager; its value is nobody's output. */
    administratorSecret: administrator.secretId,
    project: config.project,
    region: config.region,
    cluster: cluster.name,
    database: database.connectionName,
    registry: registry.address,
    attestor: registry.attestor,
    attestationKey: registry.signingKey,
    /** Encrypts secrets: those of other stacks may be, too. */
    secretsKey: keys.id("secrets"),
    pipelineProvider: pipeline?.provider,
    nextSteps: nextSteps({ deployed, registry: registry.address, dnsToDo: edge.dnsToDo, apiUrl: edge.hosts.admin }),
  };
}

function inDays(now: Date, days: number): string {
  return new Date(now.getTime() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
}
