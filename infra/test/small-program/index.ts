import * as gcp from "@pulumi/gcp";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

// What the stand-ins are tried with: a little of everything that a program for Google's cloud and its Kubernetes is made
// of. Configuration changes it, so that tests see what a change does.

const config = new pulumi.Config();
const project = config.require("project");
const region = config.get("region") ?? "europe-west3";
const tier = config.get("tier") ?? "db-custom-2-7680";
const replicas = config.getNumber("replicas") ?? 2;
const version = config.get("version") ?? "1";
const grants = config.getBoolean("grants") ?? true;
const protect = config.getBoolean("protect") ?? true;

const google = new gcp.Provider("google", { project, region });
const options: pulumi.CustomResourceOptions = { provider: google };
const number = gcp.organizations.getProjectOutput({ projectId: project }, { provider: google }).number;

const services = ["compute", "cloudkms", "container", "iam", "secretmanager", "servicenetworking", "sqladmin"].map(
  (name) => new gcp.projects.Service(name, { project, service: `${name}.googleapis.com` }, options),
);
const enabled: pulumi.CustomResourceOptions = { ...options, dependsOn: services };

const network = new gcp.compute.Network("relay", { autoCreateSubnetworks: false }, enabled);
const range = new gcp.compute.GlobalAddress(
  "database",
  { purpose: "VPC_PEERING", addressType: "INTERNAL", prefixLength: 20, network: network.id },
  enabled,
);
const connection = new gcp.servicenetworking.Connection(
  "database",
  { network: network.id, service: "servicenetworking.googleapis.com", reservedPeeringRanges: [range.name] },
  enabled,
);

const ring = new gcp.kms.KeyRing("relay", { name: "relay", location: region }, enabled);
const key = new gcp.kms.CryptoKey(
  "database",
  { keyRing: ring.id, name: "database", rotationPeriod: "7776000s" },
  { ...enabled, protect },
);
const agent = new gcp.projects.ServiceIdentity("sqladmin", { project, service: "sqladmin.googleapis.com" }, enabled);
const grant = grants
  ? [
      new gcp.kms.CryptoKeyIAMMember(
        "database",
        { cryptoKeyId: key.id, role: "roles/cloudkms.cryptoKeyEncrypterDecrypter", member: agent.member },
        enabled,
      ),
    ]
  : [];
const database = new gcp.sql.DatabaseInstance(
  "relay",
  {
    name: "relay",
    databaseVersion: "POSTGRES_17",
    region,
    encryptionKeyName: key.id,
    deletionProtection: protect,
    settings: { tier, ipConfiguration: { ipv4Enabled: false, privateNetwork: network.id } },
  },
  { ...options, dependsOn: [connection, ...grant] },
);

const password = new random.RandomPassword("token", { length: 32, special: false });
const secret = new gcp.secretmanager.Secret("token", { secretId: "token", replication: { auto: {} } }, enabled);
const token = new gcp.secretmanager.SecretVersion(
  "token",
  { secret: secret.id, secretDataWo: password.result, secretDataWoVersion: 1 },
  options,
);
const certificateKey = new tls.PrivateKey("edge", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const certificate = new tls.SelfSignedCert("edge", {
  privateKeyPem: certificateKey.privateKeyPem,
  subject: { commonName: "relay" },
  dnsNames: ["relay.example.com"],
  allowedUses: ["server_auth"],
  validityPeriodHours: 24,
});

const cluster = new gcp.container.Cluster(
  "relay",
  {
    name: "relay",
    location: region,
    network: network.id,
    initialNodeCount: 1,
    deletionProtection: protect,
    controlPlaneEndpointsConfig: { dnsEndpointConfig: { allowExternalTraffic: true } },
  },
  enabled,
);
const endpoint = cluster.controlPlaneEndpointsConfig.apply((each) => each.dnsEndpointConfig?.endpoint ?? "");
const kubeconfig = endpoint.apply((host) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "relay",
    contexts: [{ name: "relay", context: { cluster: "relay", user: "relay" } }],
    clusters: [{ name: "relay", cluster: { server: `https://${host}` } }],
    users: [
      {
        name: "relay",
        user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "gke-gcloud-auth-plugin" } },
      },
    ],
  }),
);
const provider = new k8s.Provider("cluster", { kubeconfig });
const namespace = new k8s.core.v1.Namespace(
  "relay",
  { metadata: { name: "relay", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  { provider },
);
const inNamespace = namespace.metadata.name;
const pod = (container: pulumi.Input<string>, app: string) => ({
  metadata: { labels: { app } },
  spec: {
    ...(app === "migrations" ? { restartPolicy: "Never" } : {}),
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: app,
        image: container,
        env: [{ name: "POSTGRES_HOST", value: database.privateIpAddress }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});
const image = `europe-docker.pkg.dev/relay/server:${version}`;
const migrations = new k8s.batch.v1.Job(
  "migrations",
  {
    metadata: { name: "migrations", namespace: inNamespace },
    spec: { backoffLimit: 0, template: pod(image, "migrations") },
  },
  { provider },
);
const server = new k8s.apps.v1.Deployment(
  "server",
  {
    metadata: { name: "server", namespace: inNamespace },
    spec: { replicas, selector: { matchLabels: { app: "server" } }, template: pod(image, "server") },
  },
  { provider, dependsOn: [migrations] },
);
const settings = new k8s.core.v1.ConfigMap(
  "settings",
  { metadata: { namespace: inNamespace }, data: { version, secret: secret.name } },
  { provider },
);

/** What tests look at. */
export const made = {
  projectNumber: number,
  database: database.connectionName,
  databaseAddress: database.privateIpAddress,
  tokenVersion: token.name,
  server: server.metadata.name,
  settings: settings.metadata.name,
  certificate: certificate.certPem,
};
