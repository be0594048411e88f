/**
 * The commands of other people's tools that the operators' pages use, with the flags that they use: reviewed against what the
 * tools themselves say they take. A command or a flag that is not here is not used before somebody has looked it up. gcloud:
 * Google Cloud CLI 528.0.0, its reference at cloud.google.com/sdk/gcloud/reference, one page for each command below. kubectl 1.32
 * (kubernetes.io/docs/reference/kubectl/generated), docker 28 (docs.docker.com/reference/cli/docker), crane 0.20
 * (github.com/google/go-containerregistry, cmd/crane/doc), PostgreSQL 15 (postgresql.org/docs/15/reference-client.html), curl 7.88.
 */
export interface ReviewedCommand {
  /** How many arguments it takes beside its flags. */
  readonly takes: readonly [least: number, most: number];
  readonly flags?: readonly string[];
}

/** What every command of a tool takes. */
export const GLOBAL_FLAGS: Readonly<Record<string, readonly string[]>> = {
  gcloud: ["--project", "--format"],
  kubectl: ["--namespace"],
};

export const REVIEWED: Readonly<Record<string, Readonly<Record<string, ReviewedCommand>>>> = {
  gcloud: {
    "artifacts docker images describe": { takes: [1, 1], flags: ["--show-package-vulnerability"] },
    "auth application-default login": { takes: [0, 0] },
    "auth configure-docker": { takes: [0, 1] },
    "auth login": { takes: [0, 0] },
    "beta container binauthz attestations sign-and-create": {
      takes: [0, 0],
      flags: ["--artifact-url", "--attestor", "--keyversion"],
    },
    "billing projects link": { takes: [1, 1], flags: ["--billing-account"] },
    "certificate-manager certificates describe": { takes: [1, 1], flags: ["--location"] },
    "certificate-manager certificates list": { takes: [0, 0], flags: ["--location"] },
    "certificate-manager dns-authorizations list": { takes: [0, 0], flags: ["--location"] },
    "components install": { takes: [1, 20] },
    "container clusters describe": { takes: [1, 1], flags: ["--location"] },
    "container clusters get-credentials": { takes: [1, 1], flags: ["--dns-endpoint", "--location"] },
    "container clusters update": {
      takes: [1, 1],
      flags: [
        "--add-maintenance-exclusion-end",
        "--add-maintenance-exclusion-name",
        "--add-maintenance-exclusion-scope",
        "--add-maintenance-exclusion-start",
        "--location",
      ],
    },
    "container get-server-config": { takes: [0, 0], flags: ["--location"] },
    "dns dns-keys list": { takes: [0, 0], flags: ["--zone"] },
    "dns managed-zones list": { takes: [0, 0], flags: ["--filter"] },
    "dns record-sets create": { takes: [1, 1], flags: ["--rrdatas", "--ttl", "--type", "--zone"] },
    "dns record-sets update": { takes: [1, 1], flags: ["--rrdatas", "--ttl", "--type", "--zone"] },
    "iam service-accounts add-iam-policy-binding": { takes: [1, 1], flags: ["--member", "--role"] },
    "iam service-accounts create": { takes: [1, 1], flags: ["--display-name"] },
    "iam workload-identity-pools create": { takes: [1, 1], flags: ["--location"] },
    "iam workload-identity-pools providers create-oidc": {
      takes: [1, 1],
      flags: ["--attribute-condition", "--attribute-mapping", "--issuer-uri", "--location", "--workload-identity-pool"],
    },
    "kms inventory search-protected-resources": { takes: [0, 0], flags: ["--keyname", "--scope"] },
    "kms keyrings create": { takes: [1, 1], flags: ["--location"] },
    "kms keys add-iam-policy-binding": { takes: [1, 1], flags: ["--keyring", "--location", "--member", "--role"] },
    "kms keys create": {
      takes: [1, 1],
      flags: [
        "--destroy-scheduled-duration",
        "--keyring",
        "--location",
        "--next-rotation-time",
        "--protection-level",
        "--purpose",
        "--rotation-period",
      ],
    },
    "kms keys list": { takes: [0, 0], flags: ["--keyring", "--location"] },
    "kms keys remove-iam-policy-binding": { takes: [1, 1], flags: ["--member", "--role"] },
    "kms keys versions create": { takes: [0, 0], flags: ["--key", "--keyring", "--location", "--primary"] },
    "kms keys versions destroy": { takes: [1, 1], flags: ["--key", "--keyring", "--location"] },
    "kms keys versions disable": { takes: [1, 1], flags: ["--key", "--keyring", "--location"] },
    "kms keys versions enable": { takes: [1, 1], flags: ["--key", "--keyring", "--location"] },
    "kms keys versions list": { takes: [0, 0], flags: ["--key", "--keyring", "--location"] },
    "kms keys versions restore": { takes: [1, 1], flags: ["--key", "--keyring", "--location"] },
    "logging read": { takes: [0, 1], flags: ["--freshness", "--limit"] },
    "projects add-iam-policy-binding": { takes: [1, 1], flags: ["--condition", "--member", "--role"] },
    "projects create": { takes: [1, 1] },
    "projects delete": { takes: [1, 1] },
    "secrets versions access": { takes: [1, 1], flags: ["--out-file", "--secret"] },
    "secrets versions destroy": { takes: [1, 1], flags: ["--secret"] },
    "secrets versions disable": { takes: [1, 1], flags: ["--secret"] },
    "secrets versions list": { takes: [1, 1] },
    "services enable": { takes: [1, 20] },
    "sql backups create": { takes: [0, 0], flags: ["--description", "--instance", "--location"] },
    "sql backups list": { takes: [0, 0], flags: ["--filter", "--instance", "--limit"] },
    "sql backups restore": { takes: [1, 1], flags: ["--backup-instance", "--backup-project", "--restore-instance"] },
    "sql instances clone": { takes: [2, 2], flags: ["--point-in-time"] },
    "sql instances delete": { takes: [1, 1] },
    "sql instances describe": { takes: [1, 1] },
    "sql instances patch": { takes: [1, 1], flags: ["--no-deletion-protection"] },
    "sql operations list": { takes: [0, 0], flags: ["--instance", "--limit"] },
    "storage buckets add-iam-policy-binding": { takes: [1, 1], flags: ["--member", "--role"] },
    "storage buckets create": {
      takes: [1, 1],
      flags: ["--default-encryption-key", "--location", "--public-access-prevention", "--uniform-bucket-level-access"],
    },
    "storage buckets update": { takes: [1, 1], flags: ["--versioning"] },
    "storage ls": { takes: [0, 20], flags: ["--all-versions"] },
    "storage service-agent": { takes: [0, 0], flags: ["--authorize-cmek"] },
  },
  kubectl: {
    get: { takes: [1, 2], flags: ["--output"] },
    logs: { takes: [1, 1], flags: ["--container", "--since", "--previous"] },
    describe: { takes: [2, 2] },
    scale: { takes: [1, 1], flags: ["--replicas"] },
    wait: { takes: [1, 1], flags: ["--for", "--selector", "--timeout"] },
    "rollout status": { takes: [1, 1] },
    "top pods": { takes: [0, 1] },
  },
  docker: {
    build: { takes: [1, 1], flags: ["--file", "--tag"] },
    push: { takes: [1, 1] },
  },
  crane: { copy: { takes: [2, 2] }, digest: { takes: [1, 1] } },
  pg_dump: { "": { takes: [1, 1], flags: ["--format", "--no-owner", "--file"] } },
  pg_restore: { "": { takes: [1, 1], flags: ["--exit-on-error", "--no-owner", "--dbname"] } },
  curl: { "": { takes: [1, 1], flags: ["--data", "--include", "--cacert"] } },
  gh: { api: { takes: [1, 1], flags: ["--paginate", "--jq", "--method", "--field"] } },
};

/** Flags of these tools whose value is the next word. */
export const VALUE_FOLLOWS: readonly string[] = [
  "--namespace",
  "--output",
  "--container",
  "--file",
  "--tag",
  "--data",
  "--cacert",
  "--jq",
  "--method",
  "--field",
];

/** Of every system: what they do here is to be seen. */
export const PLAIN: readonly string[] = [
  "cd",
  "cp",
  "cut",
  "echo",
  "exit",
  "export",
  "grep",
  "head",
  "kill",
  "rm",
  "tail",
  "umask",
  "[",
];
