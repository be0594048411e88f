/**
 * How Google's provider forms the id of a resource, by its type. `{name}` is a property, `{#}` a number that Google chooses.
 * A type that is not here gets an id of its project, type and name.
 */
const IDS: Readonly<Record<string, string>> = {
  "artifactregistry/repository:Repository": "projects/{project}/locations/{location}/repositories/{repositoryId}",
  "binaryauthorization/attestor:Attestor": "projects/{project}/attestors/{name}",
  "binaryauthorization/policy:Policy": "projects/{project}",
  "certificatemanager/certificate:Certificate": "projects/{project}/locations/{location|global}/certificates/{name}",
  "certificatemanager/certificateMap:CertificateMap": "projects/{project}/locations/global/certificateMaps/{name}",
  "certificatemanager/certificateMapEntry:CertificateMapEntry":
    "projects/{project}/locations/global/certificateMaps/{map}/certificateMapEntries/{name}",
  "certificatemanager/dnsAuthorization:DnsAuthorization":
    "projects/{project}/locations/{location|global}/dnsAuthorizations/{name}",
  "compute/address:Address": "projects/{project}/regions/{region}/addresses/{name}",
  "compute/firewall:Firewall": "projects/{project}/global/firewalls/{name}",
  "compute/globalAddress:GlobalAddress": "projects/{project}/global/addresses/{name}",
  "compute/network:Network": "projects/{project}/global/networks/{name}",
  "compute/router:Router": "projects/{project}/regions/{region}/routers/{name}",
  "compute/routerNat:RouterNat": "{project}/{region}/{router}/{name}",
  "compute/securityPolicy:SecurityPolicy": "projects/{project}/global/securityPolicies/{name}",
  "compute/sSLPolicy:SSLPolicy": "projects/{project}/global/sslPolicies/{name}",
  "compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
  "container/cluster:Cluster": "projects/{project}/locations/{location}/clusters/{name}",
  "container/nodePool:NodePool": "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
  "containeranalysis/note:Note": "projects/{project}/notes/{name}",
  "dns/managedZone:ManagedZone": "projects/{project}/managedZones/{name}",
  "dns/recordSet:RecordSet": "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
  "gkebackup/backupPlan:BackupPlan": "projects/{project}/locations/{location}/backupPlans/{name}",
  "iam/workloadIdentityPool:WorkloadIdentityPool":
    "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}",
  "iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider":
    "projects/{project}/locations/global/workloadIdentityPools/{workloadIdentityPoolId}/providers/{workloadIdentityPoolProviderId}",
  "kms/cryptoKey:CryptoKey": "{keyRing}/cryptoKeys/{name}",
  "kms/keyRing:KeyRing": "projects/{project}/locations/{location}/keyRings/{name}",
  "monitoring/alertPolicy:AlertPolicy": "projects/{project}/alertPolicies/{#}",
  "monitoring/customService:CustomService": "projects/{project}/services/{serviceId|#}",
  "monitoring/dashboard:Dashboard": "projects/{projectNumber}/dashboards/{#}",
  "monitoring/notificationChannel:NotificationChannel": "projects/{project}/notificationChannels/{#}",
  "monitoring/slo:Slo": "projects/{projectNumber}/services/{service}/serviceLevelObjectives/{sloId|#}",
  "monitoring/uptimeCheckConfig:UptimeCheckConfig": "projects/{project}/uptimeCheckConfigs/{#}",
  "projects/iAMAuditConfig:IAMAuditConfig": "{project}/audit_config/{service}",
  "projects/service:Service": "{project}/{service}",
  "projects/serviceIdentity:ServiceIdentity": "projects/{project}/services/{service}",
  "pubsub/topic:Topic": "projects/{project}/topics/{name}",
  "secretmanager/secret:Secret": "projects/{project}/secrets/{secretId}",
  "secretmanager/secretVersion:SecretVersion": "{secret}/versions/{#}",
  "serviceaccount/account:Account": "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
  "servicenetworking/connection:Connection": "{network}:{service}",
  "sql/database:Database": "projects/{project}/instances/{instance}/databases/{name}",
  "sql/databaseInstance:DatabaseInstance": "{name}",
  "sql/user:User": "{name}/{host|}/{instance}",
};

/** Members of policies: the resource, which is the type's one property that is neither of these, the role and the member. */
const OF_A_MEMBER = new Set(["role", "member", "condition", "project", "location", "region"]);

/** The template of a type's id. Properties are named as in the inputs. */
export function idTemplate(type: string, inputs: readonly string[]): string {
  const path = type.slice("gcp:".length);
  const known = IDS[path];
  if (known !== undefined) return known;
  if (/I(AM|am)Member$/.test(path)) {
    const resource = inputs.find((name) => !OF_A_MEMBER.has(name)) ?? "project";
    return `{${resource}}/{role}/{member}`;
  }
  return `projects/{project}/${path.split(":")[0]}/{name|#}`;
}
