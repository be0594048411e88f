import { createHash } from "node:crypto";

const PROJECT = "relay-project";
const REGION = "europe-west3";
const PROJECT_NUMBER = "123456789012";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}
type State = Record<string, unknown>;

/** What Google would answer for a resource, in the shapes that others take it: ids, links, addresses. Same in, same out. */
export function googleOutputs({ type, name, inputs }: Made): { id: string; state: State } {
  const own = String(inputs.name ?? inputs.accountId ?? inputs.secretId ?? inputs.repositoryId ?? `${name}-1a2b3c4`);
  const project = `projects/${PROJECT}`;
  const [module = "", kind = ""] = type.split(":").slice(1);
  const outputs: State = { name: own, selfLink: `https://www.googleapis.com/${module}/v1/${project}/${kind}/${own}` };
  let id = `${project}/${kind}/${own}`;
  switch (type) {
    case "gcp:projects/serviceIdentity:ServiceIdentity": {
      const service = String(inputs.service).split(".")[0] ?? "";
      outputs.email = `service-${PROJECT_NUMBER}@${AGENT_DOMAINS[service] ?? `gcp-sa-${service}`}.iam.gserviceaccount.com`;
      outputs.member = `serviceAccount:${outputs.email}`;
      break;
    }
    case "gcp:serviceaccount/account:Account":
      outputs.email = `${own}@${PROJECT}.iam.gserviceaccount.com`;
      outputs.member = `serviceAccount:${outputs.email}`;
      outputs.name = `${project}/serviceAccounts/${outputs.email}`;
      id = String(outputs.name);
      break;
    case "gcp:kms/keyRing:KeyRing":
      id = `${project}/locations/${REGION}/keyRings/${own}`;
      break;
    case "gcp:kms/cryptoKey:CryptoKey":
      id = `${inputs.keyRing}/cryptoKeys/${own}`;
      break;
    case "gcp:compute/globalAddress:GlobalAddress":
    case "gcp:compute/address:Address":
      outputs.address = inputs.addressType === "INTERNAL" ? "10.16.0.0" : `198.51.100.${digit(name)}`;
      break;
    case "gcp:sql/databaseInstance:DatabaseInstance":
      outputs.connectionName = `${PROJECT}:${REGION}:${own}`;
      outputs.privateIpAddress = "10.16.0.3";
      break;
    case "gcp:container/cluster:Cluster":
      id = `${project}/locations/${REGION}/clusters/${own}`;
      outputs.controlPlaneEndpointsConfig = {
        ...(inputs.controlPlaneEndpointsConfig as State),
        dnsEndpointConfig: { allowExternalTraffic: true, endpoint: `gke-0a1b2c-${PROJECT_NUMBER}.${REGION}.gke.goog` },
      };
      break;
    case "gcp:secretmanager/secret:Secret":
      id = `${project}/secrets/${own}`;
      break;
    case "gcp:certificatemanager/dnsAuthorization:DnsAuthorization":
      outputs.dnsResourceRecords = [
        {
          name: `_acme-challenge.${inputs.domain}.`,
          type: "CNAME",
          data: "0a1b2c3d.authorize.certificatemanager.goog.",
        },
      ];
      break;
    case "gcp:dns/managedZone:ManagedZone":
      outputs.nameServers = ["ns-cloud-a1.googledomains.com.", "ns-cloud-a2.googledomains.com."];
      break;
    case "gcp:iam/workloadIdentityPool:WorkloadIdentityPool":
      outputs.name = `projects/${PROJECT_NUMBER}/locations/global/workloadIdentityPools/${inputs.workloadIdentityPoolId}`;
      break;
    case "random:index/randomUuid:RandomUuid":
      outputs.result = "7f9c24e5-2f3a-4b62-9d1f-08a4c3b5e6d7";
      break;
    case "random:index/randomPassword:RandomPassword":
      outputs.result = "not-a-real-secret-not-a-real-secret-not-a-r";
      break;
    case "tls:index/privateKey:PrivateKey":
      outputs.privateKeyPem = "-----BEGIN PRIVATE KEY-----";
      break;
    case "tls:index/selfSignedCert:SelfSignedCert":
      outputs.certPem = "-----BEGIN CERTIFICATE-----";
      break;
    default:
      break;
  }
  return { id, state: { ...outputs, ...inputs, ...overriding(outputs) } };
}

/** Names of agents that do not follow the rule. */
const AGENT_DOMAINS: Readonly<Record<string, string>> = {
  sqladmin: "gcp-sa-cloud-sql",
  container: "container-engine-robot",
};

/** Outputs that differ from the input of the same name. */
function overriding({ controlPlaneEndpointsConfig }: State): State {
  return controlPlaneEndpointsConfig === undefined ? {} : { controlPlaneEndpointsConfig };
}

function digit(name: string): number {
  return 1 + ((createHash("sha256").update(name).digest()[0] ?? 0) % 250);
}

/** What Google would answer to the functions that the program calls. */
export function googleCalls(token: string, inputs: Readonly<Record<string, unknown>>): State {
  switch (token) {
    case "gcp:organizations/getProject:getProject":
      return { ...inputs, id: `projects/${PROJECT}`, number: PROJECT_NUMBER };
    case "gcp:kms/getKMSCryptoKeyVersion:getKMSCryptoKeyVersion":
      return {
        ...inputs,
        id: `//cloudkms.googleapis.com/v1/${inputs.cryptoKey}/cryptoKeyVersions/1`,
        name: `${inputs.cryptoKey}/cryptoKeyVersions/1`,
        publicKeys: [{ algorithm: "EC_SIGN_P256_SHA256", pem: "-----BEGIN PUBLIC KEY-----" }],
      };
    default:
      throw new Error(`The program calls ${token}, which nothing here answers.`);
  }
}
