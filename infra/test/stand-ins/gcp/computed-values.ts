import { createHash } from "node:crypto";
import type { CloudSettings, CloudValue } from "./cloud-folder.js";
import { serviceAgent } from "./service-agents.js";

/** A resource whose values Google chooses. */
export interface Computed {
  readonly id: string;
  readonly settings: CloudSettings;
  /** A property that is known: given, or defaulted. Empty when there is none. */
  text(name: string): string;
}

type Compute = (resource: Computed) => CloudValue;

const text =
  (name: string): Compute =>
  (resource) =>
    resource.text(name);
const id: Compute = (resource) => resource.id;
const digits =
  (length: number): Compute =>
  (resource) =>
    digitsOf(resource.id, length);
const account: Compute = (resource) =>
  `${resource.text("accountId")}@${resource.settings.project.id}.iam.gserviceaccount.com`;
const withProjectNumber: Compute = ({ id, settings }) =>
  id.replace(`projects/${settings.project.id}/`, `projects/${settings.project.number}/`);
const agent: Compute = ({ settings, text }) => serviceAgent(text("service"), settings.project.number);

/** What Google chooses, by type and path of the property, in the shape in which Google chooses it. */
const VALUES: Readonly<Record<string, Readonly<Record<string, Compute>>>> = {
  "artifactregistry/repository:Repository": {
    name: text("repositoryId"),
    registryUri: ({ settings, text }) =>
      `${text("location")}-docker.pkg.dev/${settings.project.id}/${text("repositoryId")}`,
  },
  "certificatemanager/dnsAuthorization:DnsAuthorization": {
    dnsResourceRecords: ({ id, text }) => [
      {
        name: `_acme-challenge.${text("domain")}.`,
        type: "CNAME",
        data: `${hexOf(id, 12)}.authorize.certificatemanager.goog.`,
      },
    ],
  },
  "compute/address:Address": { address: ({ id }) => publicAddress(id) },
  "compute/globalAddress:GlobalAddress": {
    address: ({ id, text }) => (text("purpose") === "" ? publicAddress(id) : privateAddress(id, 0)),
  },
  "compute/network:Network": { networkId: digits(19), numericId: digits(19) },
  "container/cluster:Cluster": {
    endpoint: ({ settings }) => settings.cluster?.endpoint ?? "172.16.0.2",
    masterVersion: () => "1.34.1-gke.1829001",
    "masterAuth.clusterCaCertificate": ({ settings }) => settings.cluster?.ca ?? "",
    "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint": ({ id, settings, text }) =>
      settings.cluster?.endpoint ?? `gke-${hexOf(id, 32)}.${text("location")}.gke.goog`,
  },
  "dns/managedZone:ManagedZone": {
    nameServers: ({ id }) =>
      ["a1", "a2", "a3", "a4"].map((each) => `ns-cloud-${each}-${hexOf(id, 2)}.googledomains.com.`),
  },
  "iam/workloadIdentityPool:WorkloadIdentityPool": { name: withProjectNumber, state: () => "ACTIVE" },
  "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": { name: withProjectNumber, state: () => "ACTIVE" },
  "kms/cryptoKey:CryptoKey": { primaries: ({ id }) => [{ name: `${id}/cryptoKeyVersions/1`, state: "ENABLED" }] },
  "monitoring/alertPolicy:AlertPolicy": { name: id },
  "monitoring/customService:CustomService": { name: id, serviceId: ({ id }) => id.split("/").at(-1) ?? "" },
  "monitoring/notificationChannel:NotificationChannel": { name: id, verificationStatus: () => "VERIFIED" },
  "monitoring/slo:Slo": { name: id, sloId: ({ id }) => id.split("/").at(-1) ?? "" },
  "monitoring/uptimeCheckConfig:UptimeCheckConfig": { name: id, uptimeCheckId: ({ id }) => id.split("/").at(-1) ?? "" },
  "projects/serviceIdentity:ServiceIdentity": {
    email: agent,
    member: (resource) => `serviceAccount:${agent(resource)}`,
  },
  "secretmanager/secret:Secret": { name: withProjectNumber },
  "secretmanager/secretVersion:SecretVersion": {
    name: withProjectNumber,
    version: ({ id }) => id.split("/").at(-1) ?? "",
    enabled: () => true,
  },
  "serviceaccount/account:Account": {
    email: account,
    member: (resource) => `serviceAccount:${account(resource)}`,
    name: id,
    uniqueId: digits(21),
  },
  "servicenetworking/connection:Connection": { peering: () => "servicenetworking-googleapis-com" },
  "sql/databaseInstance:DatabaseInstance": {
    connectionName: ({ settings, text }) => `${settings.project.id}:${text("region")}:${text("name")}`,
    dnsName: ({ id, text }) => `${hexOf(id, 12)}.${hexOf(`${id}.`, 14)}.${text("region")}.sql.goog.`,
    firstIpAddress: ({ id }) => privateAddress(id, 3),
    privateIpAddress: ({ id }) => privateAddress(id, 3),
    publicIpAddress: () => "",
    ipAddresses: ({ id }) => [{ ipAddress: privateAddress(id, 3), timeToRetire: "", type: "PRIVATE" }],
    serviceAccountEmailAddress: ({ id, settings }) =>
      `p${settings.project.number}-${hexOf(id, 6)}@gcp-sa-cloud-sql.iam.gserviceaccount.com`,
    "settings.version": () => 1,
  },
};

const CREATED = "2026-01-01T00:00:00Z";

/** What Google chooses for properties of this name, whatever they are of. */
function ofAnyType(type: string, path: string): Compute | undefined {
  switch (path) {
    case "selfLink":
      return ({ id }) => `https://www.googleapis.com/${type.split(/[/:]/)[1]}/v1/${id}`;
    case "project":
      return ({ settings }) => settings.project.id;
    default:
      return /(Time|Timestamp)$/.test(path) ? () => CREATED : undefined;
  }
}

/** What Google chooses for a property, or undefined where nothing is known of it. `path`: as "masterAuth.clusterCaCertificate". */
export function computedValue(type: string, path: string, resource: Computed): CloudValue | undefined {
  const compute = VALUES[type.slice("gcp:".length)]?.[path] ?? ofAnyType(type, path);
  return compute?.(resource);
}

/** Text that is always the same for the same seed, and different for another. */
export function hexOf(seed: string, length: number): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, length);
}

export function digitsOf(seed: string, length: number): string {
  const all = BigInt(`0x${createHash("sha256").update(seed).digest("hex")}`).toString();
  return `1${all.slice(0, length - 1)}`;
}

function publicAddress(seed: string): string {
  const [a = 0, b = 0] = createHash("sha256").update(seed).digest();
  return `34.149.${a}.${b}`;
}

function privateAddress(seed: string, last: number): string {
  const [a = 0] = createHash("sha256").update(seed).digest();
  return `10.200.${a}.${last}`;
}
