import type { CloudFolder, CloudResource, CloudValue, CloudValues } from "./cloud-folder.js";
import { serviceAgent, serviceOfAgent } from "./service-agents.js";

// What Google refuses although every field is right: because something else is not there yet. A program that forgets to
// depend on it works on its author's project and fails on an empty one.

/** The API that a type's resources are made by, by the module of the type. */
const APIS: Readonly<Record<string, string>> = {
  artifactregistry: "artifactregistry.googleapis.com",
  binaryauthorization: "binaryauthorization.googleapis.com",
  certificatemanager: "certificatemanager.googleapis.com",
  compute: "compute.googleapis.com",
  container: "container.googleapis.com",
  containeranalysis: "containeranalysis.googleapis.com",
  dns: "dns.googleapis.com",
  gkebackup: "gkebackup.googleapis.com",
  iam: "iam.googleapis.com",
  kms: "cloudkms.googleapis.com",
  monitoring: "monitoring.googleapis.com",
  pubsub: "pubsub.googleapis.com",
  secretmanager: "secretmanager.googleapis.com",
  serviceaccount: "iam.googleapis.com",
  servicenetworking: "servicenetworking.googleapis.com",
  sql: "sqladmin.googleapis.com",
};

/** Where a type's inputs name a key, and the API whose account encrypts with it. `*` is each of a list. */
const KEYS: Readonly<Record<string, readonly { readonly at: string; readonly by: string }[]>> = {
  "artifactregistry/repository:Repository": [{ at: "kmsKeyName", by: "artifactregistry.googleapis.com" }],
  "container/cluster:Cluster": [
    { at: "databaseEncryption.keyName", by: "container.googleapis.com" },
    { at: "nodeConfig.bootDiskKmsKey", by: "compute.googleapis.com" },
    { at: "clusterAutoscaling.autoProvisioningDefaults.bootDiskKmsKey", by: "compute.googleapis.com" },
  ],
  "container/nodePool:NodePool": [{ at: "nodeConfig.bootDiskKmsKey", by: "compute.googleapis.com" }],
  "gkebackup/backupPlan:BackupPlan": [
    { at: "backupConfig.encryptionKey.gcpKmsEncryptionKey", by: "gkebackup.googleapis.com" },
  ],
  "pubsub/topic:Topic": [{ at: "kmsKeyName", by: "pubsub.googleapis.com" }],
  "secretmanager/secret:Secret": [
    { at: "replication.auto.customerManagedEncryption.kmsKeyName", by: "secretmanager.googleapis.com" },
    {
      at: "replication.userManaged.replicas.*.customerManagedEncryption.kmsKeyName",
      by: "secretmanager.googleapis.com",
    },
  ],
  "sql/databaseInstance:DatabaseInstance": [{ at: "encryptionKeyName", by: "sqladmin.googleapis.com" }],
};

/** Where a type's inputs name another resource, and that one's type. */
const REFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "certificatemanager/certificateMapEntry:CertificateMapEntry": {
    map: "certificatemanager/certificateMap:CertificateMap",
    "certificates.*": "certificatemanager/certificate:Certificate",
  },
  "compute/firewall:Firewall": { network: "compute/network:Network" },
  "compute/router:Router": { network: "compute/network:Network" },
  "compute/routerNat:RouterNat": { router: "compute/router:Router" },
  "compute/subnetwork:Subnetwork": { network: "compute/network:Network" },
  "container/cluster:Cluster": { network: "compute/network:Network", subnetwork: "compute/subnetwork:Subnetwork" },
  "container/nodePool:NodePool": { cluster: "container/cluster:Cluster" },
  "dns/recordSet:RecordSet": { managedZone: "dns/managedZone:ManagedZone" },
  "gkebackup/backupPlan:BackupPlan": { cluster: "container/cluster:Cluster" },
  "kms/cryptoKey:CryptoKey": { keyRing: "kms/keyRing:KeyRing" },
  "kms/cryptoKeyIAMMember:CryptoKeyIAMMember": { cryptoKeyId: "kms/cryptoKey:CryptoKey" },
  "secretmanager/secret:Secret": { "topics.*.name": "pubsub/topic:Topic" },
  "secretmanager/secretIamMember:SecretIamMember": { secretId: "secretmanager/secret:Secret" },
  "secretmanager/secretVersion:SecretVersion": { secret: "secretmanager/secret:Secret" },
  "serviceaccount/iAMMember:IAMMember": { serviceAccountId: "serviceaccount/account:Account" },
  "servicenetworking/connection:Connection": {
    network: "compute/network:Network",
    "reservedPeeringRanges.*": "compute/globalAddress:GlobalAddress",
  },
  "sql/database:Database": { instance: "sql/databaseInstance:DatabaseInstance" },
  "sql/user:User": { instance: "sql/databaseInstance:DatabaseInstance" },
};

/** Why Google would not make this now, or undefined. */
export function refusal(
  cloud: CloudFolder,
  { type, inputs }: Pick<CloudResource, "type" | "inputs">,
): string | undefined {
  const path = type.slice("gcp:".length);
  const resources = cloud.all();
  const world: World = { resources, cloud };
  return (
    apiIsOff(path, world) ??
    referenceIsMissing(path, inputs, world) ??
    keyCannotBeUsed(path, inputs, world) ??
    networkIsNotConnected(path, inputs, world) ??
    memberDoesNotExist(path, inputs, world)
  );
}

interface World {
  readonly cloud: CloudFolder;
  readonly resources: readonly CloudResource[];
}

function apiIsOff(path: string, world: World): string | undefined {
  const api = APIS[path.split("/")[0] ?? ""];
  if (api === undefined || isEnabled(api, world)) return undefined;
  const { id } = world.cloud.settings.project;
  return `Error 403: ${api} has not been used in project ${id} before or it is disabled (SERVICE_DISABLED)`;
}

function isEnabled(api: string, { cloud, resources }: World): boolean {
  if (cloud.settings.enabledServices.includes(api)) return true;
  return resources.some(({ type, inputs }) => type === "gcp:projects/service:Service" && inputs.service === api);
}

function referenceIsMissing(path: string, inputs: CloudValues, { resources }: World): string | undefined {
  for (const [at, wanted] of Object.entries(REFERENCES[path] ?? {})) {
    for (const value of valuesAt(inputs, at.split("."))) {
      const there = resources.some(
        (each) => each.type === `gcp:${wanted}` && names(each).some((name) => ends(value, name)),
      );
      if (!there) return `Error 404: ${at}: the resource '${value}' was not found`;
    }
  }
  return undefined;
}

/** What a resource goes by in the inputs of others. */
function names({ id, state, inputs }: CloudResource): readonly string[] {
  return [id, state.name, state.selfLink, inputs.secretId].filter((name) => typeof name === "string");
}

/** Google takes short and long forms of a name. */
function ends(value: string, name: string): boolean {
  return value === name || value.endsWith(`/${name}`) || name.endsWith(`/${value}`);
}

function keyCannotBeUsed(path: string, inputs: CloudValues, { cloud, resources }: World): string | undefined {
  for (const { at, by } of KEYS[path] ?? []) {
    for (const key of valuesAt(inputs, at.split("."))) {
      const agent = serviceAgent(by, cloud.settings.project.number);
      const granted = resources.some(
        ({ type, inputs: grant }) =>
          type === "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember" &&
          grant.cryptoKeyId === key &&
          grant.role === "roles/cloudkms.cryptoKeyEncrypterDecrypter" &&
          grant.member === `serviceAccount:${agent}`,
      );
      if (!granted) {
        return `Error 403: ${agent} lacks cloudkms.cryptoKeyVersions.useToEncrypt on ${key} (or the key does not exist)`;
      }
    }
  }
  return undefined;
}

function networkIsNotConnected(path: string, inputs: CloudValues, { resources }: World): string | undefined {
  if (path !== "sql/databaseInstance:DatabaseInstance") return undefined;
  for (const network of valuesAt(inputs, ["settings", "ipConfiguration", "privateNetwork"])) {
    const connected = resources.some(
      ({ type, inputs: connection }) =>
        type === "gcp:servicenetworking/connection:Connection" &&
        typeof connection.network === "string" &&
        ends(network, connection.network.split("/v1/").at(-1) ?? ""),
    );
    if (!connected) {
      return `Error 400: Invalid request: the network '${network}' doesn't have at least 1 private services connection`;
    }
  }
  return undefined;
}

function memberDoesNotExist(path: string, inputs: CloudValues, world: World): string | undefined {
  const address =
    typeof inputs.member === "string" ? /^serviceAccount:([^[\]]+@.+)$/.exec(inputs.member)?.[1] : undefined;
  if (address === undefined || !/I(AM|am)Member$/.test(path)) return undefined;
  const { project } = world.cloud.settings;
  const missing = `Error 400: Service account ${address} does not exist.`;
  const agent = serviceOfAgent(address, project.number);
  if (agent?.by === "api") return isEnabled(agent.service, world) ? undefined : missing;
  const type =
    agent === undefined ? "gcp:serviceaccount/account:Account" : "gcp:projects/serviceIdentity:ServiceIdentity";
  const own = agent !== undefined || address.endsWith(`@${project.id}.iam.gserviceaccount.com`);
  const there = world.resources.some((each) => each.type === type && each.state.email === address);
  return own && !there ? missing : undefined;
}

/** Texts at a path; `*` goes into each of a list. */
function valuesAt(value: CloudValue | undefined, [step, ...rest]: readonly string[]): readonly string[] {
  if (step === undefined) return typeof value === "string" && value !== "" ? [value] : [];
  if (step === "*") return Array.isArray(value) ? value.flatMap((each: CloudValue) => valuesAt(each, rest)) : [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return valuesAt((value as CloudValues)[step], rest);
}
