/** Of nearly every resource: what and where it is. */
const IDENTITY = ["name", "project", "location", "region", "zone"];

/** Properties that Google's provider makes another resource for, by type, beside its identity. Patterns for `covers`. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  "artifactregistry/repository:Repository": ["repositoryId", "format", "kmsKeyName", "mode"],
  "certificatemanager/certificate:Certificate": ["managed", "scope"],
  "certificatemanager/certificateMapEntry:CertificateMapEntry": ["map", "hostname", "matcher"],
  "certificatemanager/dnsAuthorization:DnsAuthorization": ["domain", "type"],
  "compute/address:Address": ["address", "addressType", "networkTier", "purpose", "network", "subnetwork"],
  "compute/firewall:Firewall": ["network", "direction"],
  "compute/globalAddress:GlobalAddress": ["address", "addressType", "prefixLength", "purpose", "network", "ipVersion"],
  "compute/network:Network": ["autoCreateSubnetworks", "description", "internalIpv6Range"],
  "compute/router:Router": ["network"],
  "compute/routerNat:RouterNat": ["router", "type"],
  "compute/securityPolicy:SecurityPolicy": ["type"],
  "compute/subnetwork:Subnetwork": ["network", "ipCidrRange", "description"],
  "container/cluster:Cluster": [
    "network",
    "subnetwork",
    "datapathProvider",
    "networkingMode",
    "enableAutopilot",
    "ipAllocationPolicy",
    "defaultMaxPodsPerNode",
    "enableKubernetesAlpha",
    "masterAuth.clientCertificateConfig",
    "privateClusterConfig.masterIpv4CidrBlock",
  ],
  "container/nodePool:NodePool": [
    "cluster",
    "initialNodeCount",
    "maxPodsPerNode",
    "networkConfig.podRange",
    "nodeConfig.bootDiskKmsKey",
    "nodeConfig.metadata",
    "nodeConfig.oauthScopes",
    "nodeConfig.preemptible",
    "nodeConfig.sandboxConfig",
    "nodeConfig.serviceAccount",
    "nodeConfig.shieldedInstanceConfig",
    "nodeConfig.spot",
  ],
  "dns/managedZone:ManagedZone": ["dnsName", "visibility"],
  "dns/recordSet:RecordSet": ["managedZone", "type"],
  "gkebackup/backupPlan:BackupPlan": ["cluster"],
  "iam/workloadIdentityPool:WorkloadIdentityPool": ["workloadIdentityPoolId"],
  "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": [
    "workloadIdentityPoolId",
    "workloadIdentityPoolProviderId",
  ],
  "kms/cryptoKey:CryptoKey": [
    "keyRing",
    "purpose",
    "cryptoKeyBackend",
    "destroyScheduledDuration",
    "importOnly",
    "skipInitialVersionCreation",
    "versionTemplate.protectionLevel",
  ],
  "monitoring/customService:CustomService": ["serviceId"],
  "monitoring/notificationChannel:NotificationChannel": ["type"],
  "monitoring/slo:Slo": ["service", "sloId"],
  "monitoring/uptimeCheckConfig:UptimeCheckConfig": ["monitoredResource", "resourceGroup", "httpCheck.requestMethod"],
  "projects/iAMAuditConfig:IAMAuditConfig": ["service"],
  "projects/service:Service": ["service"],
  "projects/serviceIdentity:ServiceIdentity": ["service"],
  "secretmanager/secret:Secret": ["secretId", "replication"],
  "secretmanager/secretVersion:SecretVersion": ["secret", "secretData", "secretDataWoVersion", "isSecretDataBase64"],
  "serviceaccount/account:Account": ["accountId"],
  "servicenetworking/connection:Connection": ["network", "service"],
  "sql/database:Database": ["instance"],
  "sql/databaseInstance:DatabaseInstance": ["encryptionKeyName"],
  "sql/user:User": ["instance", "host", "type"],
};

/** What of a resource a change cannot be made in. */
export function replacingFields(type: string): readonly string[] {
  const path = type.slice("gcp:".length);
  // Who may do what on what: nothing of it changes.
  if (/I(AM|am)Member$/.test(path)) return ["*"];
  return [...IDENTITY, ...(REPLACING[path] ?? [])];
}
