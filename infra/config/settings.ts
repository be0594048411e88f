import { always, REQUIRED, type Setting, type ValueKind } from "./setting.js";
import {
  cidr,
  domainName,
  emailAddress,
  flag,
  imageByDigest,
  integer,
  list,
  oneOf,
  optional,
  text,
} from "./value-kinds.js";

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition;
}

const wholeAddress: ValueKind<readonly string[]> = list(cidr);

/**
 * Every setting of the program, in the order of the documentation: what it is, what it may be, and what each level takes
 * when the stack does not say. `level`, `gcp:project` and `gcp:region` are read before these.
 */
export const SETTINGS = {
  domain: setting({
    kind: optional(domainName),
    describes:
      "Where the relay is reached: senders at hooks.DOMAIN, agents at agents.DOMAIN, the API at admin.DOMAIN. Without one (dev only) all are at the address, with a certificate of this stack's own.",
    example: "relay.example.com",
    defaults: { dev: undefined, prod: REQUIRED, locked: REQUIRED },
  }),
  manageDns: setting({
    kind: flag,
    describes:
      "Makes a signed DNS zone for the domain, whose name servers and DS record you enter at its parent. false: enter the records of the stack's output yourself.",
    example: "true",
    defaults: always(true),
  }),
  image: setting({
    kind: optional(imageByDigest),
    describes:
      "The relay's image. Until it is set everything but the workload is made, the registry to push it to included.",
    example:
      "europe-west3-docker.pkg.dev/my-project/relay/server@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    defaults: always(undefined),
  }),
  proxyImage: setting({
    kind: optional(imageByDigest),
    describes: "The Cloud SQL Auth Proxy's image, copied into the same registry. Set together with `image`.",
    example:
      "europe-west3-docker.pkg.dev/my-project/relay/cloud-sql-proxy@sha256:fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
    defaults: always(undefined),
  }),
  alertEmails: setting({
    kind: list(emailAddress),
    describes: "Who is told when an alert fires.",
    example: "oncall@example.com,platform@example.com",
    defaults: { dev: [], prod: REQUIRED, locked: REQUIRED },
  }),
  administrators: setting({
    kind: list(text(/^(user|group):[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, "user: or group: and an e-mail address")),
    describes:
      "Who may reach the cluster's control plane (by its DNS name, through IAM) and read the relay's administrator token.",
    example: "group:relay-admins@example.com",
    defaults: { dev: [], prod: [], locked: REQUIRED },
  }),
  securityGroup: setting({
    kind: optional(text(/^gke-security-groups@[a-z0-9.-]+$/, "gke-security-groups@DOMAIN")),
    describes: "Google group whose member groups may be named in the cluster's role bindings.",
    example: "gke-security-groups@example.com",
    defaults: always(undefined),
  }),
  adminNetworks: setting({
    kind: wholeAddress,
    describes: "Networks that may call the API at admin.DOMAIN. None: nobody may, but from inside the cluster.",
    example: "203.0.113.0/24,198.51.100.7/32",
    defaults: { dev: ["0.0.0.0/0"], prod: REQUIRED, locked: REQUIRED },
  }),
  agentNetworks: setting({
    kind: wholeAddress,
    describes: "Networks that agents connect from.",
    example: "203.0.113.0/24",
    defaults: { dev: ["0.0.0.0/0"], prod: ["0.0.0.0/0"], locked: REQUIRED },
  }),
  ingestRatePerAddress: setting({
    kind: integer(10, 1_000_000),
    describes: "Webhooks per minute that one address may send before the edge answers 429.",
    example: "6000",
    defaults: { dev: 6_000, prod: 60_000, locked: 60_000 },
  }),
  publicDestinations: setting({
    kind: flag,
    describes:
      "Lets the relay call destinations on the Internet, from the NAT's fixed addresses. false: nothing leaves the network but answers.",
    example: "true",
    defaults: { dev: true, prod: true, locked: false },
  }),
  deletionProtection: setting({
    kind: flag,
    describes:
      "Whether Pulumi and Google refuse to delete or replace what cannot be had back: the database, keys, the cluster, addresses. To destroy a stack: false, `pulumi up`, `pulumi destroy`.",
    example: "true",
    defaults: { dev: false, prod: true, locked: true },
  }),
  natAddresses: setting({
    kind: integer(1, 16),
    describes: "Fixed addresses that outgoing calls come from, for the allow-lists of others.",
    example: "2",
    defaults: { dev: 1, prod: 2, locked: 1 },
  }),
  autopilot: setting({
    kind: flag,
    describes: "GKE Autopilot instead of Standard: Google runs the nodes, and pods are what is paid for.",
    example: "false",
    defaults: always(false),
  }),
  nodeMachineType: setting({
    kind: text(/^[a-z][a-z0-9]*-[a-z]+-\d+$/, "a machine type"),
    describes: "Machine type of the nodes (Standard only). locked needs a type with confidential computing, as n2d-.",
    example: "n2d-standard-4",
    defaults: { dev: "e2-standard-2", prod: "n2d-standard-2", locked: "n2d-standard-2" },
  }),
  nodesMin: setting({
    kind: integer(1, 1000),
    describes: "Least nodes over all zones.",
    example: "3",
    defaults: { dev: 1, prod: 3, locked: 3 },
  }),
  nodesMax: setting({
    kind: integer(1, 1000),
    describes: "Most nodes over all zones.",
    example: "9",
    defaults: { dev: 3, prod: 9, locked: 9 },
  }),
  databaseEdition: setting({
    kind: oneOf(["ENTERPRISE", "ENTERPRISE_PLUS"]),
    describes: "Edition of Cloud SQL. ENTERPRISE_PLUS has near-zero downtime for maintenance, and tiers of its own.",
    example: "ENTERPRISE",
    defaults: always("ENTERPRISE"),
  }),
  databaseTier: setting({
    kind: text(/^db-[a-z0-9-]+$/, "a tier of Cloud SQL"),
    describes: "Size of the database.",
    example: "db-custom-4-15360",
    defaults: { dev: "db-custom-1-3840", prod: "db-custom-2-7680", locked: "db-custom-2-7680" },
  }),
  databaseDiskGb: setting({
    kind: integer(10, 65_536),
    describes: "Disk of the database at first. It grows by itself.",
    example: "100",
    defaults: { dev: 10, prod: 100, locked: 100 },
  }),
  databaseDiskLimitGb: setting({
    kind: integer(10, 65_536),
    describes: "How far the disk may grow: what a flood may cost.",
    example: "500",
    defaults: { dev: 50, prod: 500, locked: 500 },
  }),
  backupLocation: setting({
    kind: optional(text(/^[a-z]+(-[a-z]+\d+)?$/, "a region or a multi-region")),
    describes:
      "Where the database's backups are kept. Nothing: in the multi-region around the region (eu, us, asia), or else in the region itself, which a lost region takes with it.",
    example: "eu",
    defaults: always(undefined),
  }),
  databaseBackupDays: setting({
    kind: integer(1, 365),
    describes: "Nightly backups of the database that are kept.",
    example: "30",
    defaults: { dev: 3, prod: 30, locked: 30 },
  }),
  keyRotationDays: setting({
    kind: integer(1, 365),
    describes: "Days between new versions of each key.",
    example: "90",
    defaults: { dev: 90, prod: 90, locked: 30 },
  }),
  previousKmsKeys: setting({
    kind: list(
      text(
        /^projects\/[a-z0-9-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/,
        "the full name of a key, without a version",
      ),
    ),
    describes:
      "Keys of Cloud KMS that wrapped the relay's data keys before, as after a move from another region: the servers open with them what is not wrapped anew yet (KMS_OLD_KEYS). Their account needs cloudkms.cryptoKeyDecrypter on each.",
    example: "projects/old-project/locations/europe-west4/keyRings/relay-1a2b3c4/cryptoKeys/relay-webhooks-5d6e7f8",
    defaults: always([]),
  }),
  attestationKeyVersions: setting({
    kind: list(integer(1, 1_000_000)),
    describes:
      "Versions of the attestation key whose signatures let an image run; the last one is what new images are signed with. Two while one follows the other.",
    example: "1,2",
    defaults: always([1]),
  }),
  replicasMin: setting({
    kind: integer(1, 100),
    describes: "Least relay servers.",
    example: "3",
    defaults: { dev: 2, prod: 3, locked: 3 },
  }),
  replicasMax: setting({
    kind: integer(1, 100),
    describes: "Most relay servers. Each takes about 16 of the database's connections.",
    example: "6",
    defaults: { dev: 3, prod: 6, locked: 6 },
  }),
  agentsPerReplica: setting({
    kind: optional(integer(1, 5000)),
    describes:
      "Connected agents that a server is added for, beside its CPU. Needs Google's custom metrics adapter in the cluster: without it the autoscaler never takes one away.",
    example: "1000",
    defaults: always(undefined),
  }),
  retentionDays: setting({
    kind: integer(1, 3650),
    describes: "Days that webhooks and their outcomes are kept (LOGS_RETENTION_DAYS).",
    example: "30",
    defaults: { dev: 7, prod: 30, locked: 14 },
  }),
  resumeWindow: setting({
    kind: text(/^\d+(ms|s|m|h|d)$/, "a time with its unit"),
    describes: "How long a webhook waits for an agent that is away (RESUME_WINDOW).",
    example: "10m",
    defaults: always("10m"),
  }),
  adminTokenVersion: setting({
    kind: integer(1, 1_000_000),
    describes: "Counts up to make a new secret of the administrator token: the next `pulumi up` replaces it.",
    example: "2",
    defaults: always(1),
  }),
  githubRepository: setting({
    kind: optional(text(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/, "OWNER/REPOSITORY")),
    describes:
      "Repository whose workflows may push and sign images, and read the administrator token, by workload identity.",
    example: "example/relay-config",
    defaults: always(undefined),
  }),
  githubBranch: setting({
    kind: text(/^[A-Za-z0-9._/-]+$/, "a branch"),
    describes: "The one branch of it that may.",
    example: "main",
    defaults: always("main"),
  }),
} as const;

type Settings = typeof SETTINGS;

/** The value of every setting, as the program gets it. */
export type SettingValues = {
  readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never;
};
