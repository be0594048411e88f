import { afterAll, beforeAll, expect, test } from "vitest";
import { describeKubernetes } from "../../provider-schema/test/support/describe-engine.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { type ControlPlane, startControlPlane } from "./support/control-plane.js";
import type { Json, KubernetesObject } from "./support/kubernetes-api.js";
import { PretendNodes } from "./support/pretend-nodes.js";

const IMAGE = `europe-docker.pkg.dev/project/relay/server@sha256:${"1".repeat(64)}`;
const RESTRICTED_POD = {
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const RESTRICTED_CONTAINER = {
  name: "server",
  image: IMAGE,
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "128Mi" } },
};

function podSpec(container: Json = RESTRICTED_CONTAINER): { readonly [field: string]: Json } {
  return { securityContext: RESTRICTED_POD, containers: [container] };
}

function pod(name: string, namespace: string, spec: Json = podSpec()): KubernetesObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}

function namespace(name: string): KubernetesObject {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

// The support for tests of the program: what judges its objects does judge.
describeKubernetes("a control plane", (engine) => {
  let cluster: ControlPlane;
  let nodes: PretendNodes;
  beforeAll(async () => {
    cluster = await startControlPlane(engine);
    nodes = new PretendNodes(cluster.api);
  }, 180_000);
  afterAll(async () => {
    await nodes?.stop();
    await cluster?.stop();
  }, 60_000);

  const apply = (object: KubernetesObject) => cluster.api.apply(object, { fieldManager: "test" });

  /** Applies a namespace and waits until pods may be made in it. */
  async function makeNamespace(name: string): Promise<void> {
    await apply(namespace(name));
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } };
    await waitFor("the namespace's account", async () => (await cluster.api.get(account)) !== undefined);
  }

  test("refuses a field that a kind does not have", async () => {
    const wrong = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "wrong" }, dada: { a: "b" } };
    await expect(apply(wrong)).rejects.toThrow(".dada: field not declared in schema");
    expect(await cluster.api.get(wrong)).toBeUndefined();
  });

  test("judges without changing anything in a dry run", async () => {
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "dry" }, data: { a: "b" } };
    const judged = await cluster.api.apply(config, { fieldManager: "test", dryRun: true });
    expect(judged.data).toEqual({ a: "b" });
    expect(await cluster.api.get(config)).toBeUndefined();
  });

  test("threat: a pod that asks for more than the restricted profile allows is refused", async () => {
    await makeNamespace("restricted");
    await apply(pod("good", "restricted"));
    const { securityContext: _, ...container } = RESTRICTED_CONTAINER;
    const loose = pod("loose", "restricted", podSpec(container));
    await expect(apply(loose)).rejects.toThrow('violates PodSecurity "restricted:latest"');
  });

  test("refuses what goes over a quota", async () => {
    await makeNamespace("small");
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "small", namespace: "small" } };
    await apply({ ...quota, spec: { hard: { pods: "1" } } });
    await waitFor("the quota to be counted", async () => {
      const { hard } = ((await cluster.api.get(quota))?.status ?? {}) as { hard?: Json };
      return hard !== undefined;
    });
    await apply(pod("first", "small"));
    await expect(apply(pod("second", "small"))).rejects.toThrow("exceeded quota: small");
  });

  test("threat: a validating policy refuses an image by tag", async () => {
    await makeNamespace("by-digest");
    await apply({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "by-digest" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [
          {
            expression: "object.spec.containers.all(c, c.image.contains('@sha256:'))",
            message: "images by digest only",
          },
        ],
      },
    });
    await apply({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "by-digest" },
      spec: {
        policyName: "by-digest",
        validationActions: ["Deny"],
        matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "by-digest" } } },
      },
    });
    // A policy is in force a moment after it was taken.
    const tagged = pod("tagged", "by-digest", podSpec({ ...RESTRICTED_CONTAINER, image: "server:latest" }));
    await waitFor("the policy", () =>
      cluster.api.apply(tagged, { fieldManager: "test", dryRun: true }).then(
        () => false,
        (error) => String(error).includes("images by digest only"),
      ),
    );
    await apply(pod("pinned", "by-digest"));
  });

  test("makes pods of Deployments and Jobs, which get ready and complete, or do not", async () => {
    await makeNamespace("work");
    nodes.fate = ({ metadata }) => {
      if (metadata.labels?.app === "broken") return "failed";
      return metadata.labels?.app === "job" ? "succeeded" : "ready";
    };
    const template = (app: string, more: { readonly [field: string]: Json } = {}) => ({
      metadata: { labels: { app } },
      spec: { ...podSpec(), ...more },
    });
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "server", namespace: "work" } };
    await apply({
      ...deployment,
      spec: { replicas: 2, selector: { matchLabels: { app: "server" } }, template: template("server") },
    });
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "job", namespace: "work" } };
    const broken = { ...job, metadata: { name: "broken", namespace: "work" } };
    await apply({ ...job, spec: { backoffLimit: 0, template: template("job", { restartPolicy: "Never" }) } });
    await apply({ ...broken, spec: { backoffLimit: 0, template: template("broken", { restartPolicy: "Never" }) } });
    await hasCondition(deployment, "Available");
    await hasCondition(job, "Complete");
    await hasCondition(broken, "Failed");
  });

  async function hasCondition(object: KubernetesObject, type: string): Promise<void> {
    await waitFor(
      `${object.kind} ${object.metadata.name} to be ${type}`,
      async () => {
        const { conditions = [] } = ((await cluster.api.get(object))?.status ?? {}) as {
          conditions?: readonly { type: string; status: string }[];
        };
        return conditions.some((each) => each.type === type && each.status === "True");
      },
      { timeoutMs: 30_000, everyMs: 100 },
    );
  }

  test("empties a namespace that is deleted", async () => {
    await makeNamespace("leaving");
    await apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept", namespace: "leaving" } });
    await cluster.api.delete(namespace("leaving"));
    await waitFor("it to be gone", async () => (await cluster.api.get(namespace("leaving"))) === undefined, {
      timeoutMs: 30_000,
    });
  });

  const SERVICE = { group: "", kind: "Service", name: "relay" };
  const HTTP_CHECK = { type: "HTTP", httpHealthCheck: { requestPath: "/readyz", port: 9803 } };
  test.each<[kind: string, apiVersion: string, good: Json, bad: Json, said: string]>([
    [
      "GCPBackendPolicy",
      "networking.gke.io/v1",
      { targetRef: SERVICE, default: { timeoutSec: 3600, connectionDraining: { drainingTimeoutSec: 60 } } },
      { targetRef: SERVICE, default: { timeout: 3600 } },
      ".spec.default.timeout: field not declared in schema",
    ],
    [
      "GCPGatewayPolicy",
      "networking.gke.io/v1",
      { targetRef: { ...SERVICE, group: "gateway.networking.k8s.io", kind: "Gateway" }, default: { sslPolicy: "tls" } },
      { default: { sslPolicy: "tls" } },
      "spec.targetRef: Required value",
    ],
    [
      "HealthCheckPolicy",
      "networking.gke.io/v1",
      { targetRef: SERVICE, default: { config: HTTP_CHECK } },
      { targetRef: SERVICE, default: { config: { ...HTTP_CHECK, type: "GRPC" } } },
      "the health check must be that of the type",
    ],
    [
      "SecretProviderClass",
      "secrets-store.csi.x-k8s.io/v1",
      { provider: "gke", parameters: { secrets: "- resourceName: x" } },
      { provider: "gke", parameters: { secrets: 1 } },
      "parameters.secrets",
    ],
    [
      "PodMonitoring",
      "monitoring.googleapis.com/v1",
      { selector: { matchLabels: { app: "relay" } }, endpoints: [{ port: "status", interval: "30s" }] },
      { selector: {}, endpoints: [] },
      "spec.endpoints",
    ],
    [
      "HTTPRoute",
      "gateway.networking.k8s.io/v1",
      { parentRefs: [{ name: "edge" }], rules: [{ backendRefs: [{ name: "relay", port: 9300 }] }] },
      { parentRefs: [{ name: "edge" }], rules: [{ backendRefs: [{ name: "relay", prot: 9300 }] }] },
      "prot: field not declared in schema",
    ],
  ])("knows the kind %s and its fields", async (kind, apiVersion, good, bad, said) => {
    const metadata = { name: "relay", namespace: "default" };
    await apply({ apiVersion, kind, metadata, spec: good });
    await expect(apply({ apiVersion, kind, metadata: { ...metadata, name: "bad" }, spec: bad })).rejects.toThrow(said);
  });
});
