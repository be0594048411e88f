import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import type { Resource } from "./support/inventory.js";
import { containersOf, type Pod, podsOf } from "./support/pods-of.js";
import { programOf } from "./support/program.js";

type Labels = Readonly<Record<string, string>>;
interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly namespaceSelector?: unknown;
}
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}
interface PolicySpec {
  readonly podSelector: { readonly matchLabels?: Labels };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}
interface ServiceSpec {
  readonly selector: Labels;
  readonly ports: readonly { readonly port: number; readonly targetPort: number }[];
}

const matches = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);
const spec = <T>({ inputs }: Resource) => inputs.spec as T;
const nameOf = ({ inputs }: Resource) => (inputs.metadata as { name?: string }).name;

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const objects = program.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const pods = podsOf(program);
  const policies = program.all("networking.k8s.io/v1.NetworkPolicy");
  const policiesOf = (pod: Pod) =>
    policies
      .map((each) => spec<PolicySpec>(each))
      .filter(({ podSelector }) => matches(podSelector.matchLabels ?? {}, pod.labels));
  const server = pods[0];
  if (server === undefined) throw new Error("There are no pods.");

  test("every object goes to this cluster, under a name that it keeps, into the namespace if it can be in one", () => {
    const provider = program.one("providers.kubernetes").urn;
    const clusterWide = /:(Namespace|PriorityClass|ValidatingAdmissionPolicy(Binding)?)$/;
    for (const object of objects) {
      expect(object.provider?.startsWith(`${provider}::`), object.urn).toBe(true);
      const { name, namespace } = object.inputs.metadata as { name?: string; namespace?: string };
      expect(name, object.urn).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      expect(namespace, object.urn).toBe(clusterWide.test(object.type) ? undefined : "relay");
    }
  });

  test("no two objects of a kind have the same name", () => {
    const names = objects.map((object) => `${object.type} ${nameOf(object)}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("the namespace and its limits stand before anything is in it", () => {
    const limits = [
      program.one("core/v1.Namespace"),
      program.one("core/v1.ResourceQuota"),
      program.one("core/v1.LimitRange"),
    ];
    for (const pod of [...program.all("apps/v1.Deployment"), ...program.all("batch/v1.Job")]) {
      for (const limit of limits) expect(program.waitsFor(pod, limit), `${pod.urn} ${limit.urn}`).toBe(true);
    }
  });

  test("every selector finds the pods it is meant for", () => {
    const deployment = spec<{ selector: { matchLabels: Labels } }>(program.one("apps/v1.Deployment"));
    expect(matches(deployment.selector.matchLabels, server.labels)).toBe(true);
    const found = [
      ...program.all("core/v1.Service").map((service) => spec<ServiceSpec>(service).selector),
      ...program
        .all("policy/v1.PodDisruptionBudget")
        .map((each) => spec<{ selector: { matchLabels: Labels } }>(each).selector.matchLabels),
      ...program
        .all("monitoring.googleapis.com/v1.PodMonitoring")
        .map((each) => spec<{ selector: { matchLabels: Labels } }>(each).selector.matchLabels),
    ].map((selector) => pods.filter(({ labels }) => matches(selector, labels)).map(({ of }) => of));
    expect(found).toEqual(found.map(() => ["relay"]));
  });

  test("every mount has its volume, every volume its mount, and every probe and scrape its port", () => {
    for (const pod of pods) {
      const mounted = new Set(
        containersOf(pod).flatMap(({ volumeMounts }) => (volumeMounts ?? []).map(({ name }) => name)),
      );
      expect([...mounted].sort(), pod.of).toEqual(pod.spec.volumes.map(({ name }) => name).sort());
      for (const container of containersOf(pod)) {
        const ports = (container.ports ?? []).map(({ name }) => name);
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
          if (probe?.httpGet !== undefined) expect(ports, `${pod.of} ${container.name}`).toContain(probe.httpGet.port);
        }
      }
    }
    const { endpoints } = spec<{ endpoints: { port: string }[] }>(
      program.one("monitoring.googleapis.com/v1.PodMonitoring"),
    );
    const named = server.spec.containers.flatMap(({ ports }) => ports ?? []).map(({ name }) => name);
    for (const { port } of endpoints) expect(named).toContain(port);
  });

  test("no two containers of a pod listen at the same port", () => {
    for (const pod of pods) {
      const ports = containersOf(pod).flatMap((container) =>
        (container.ports ?? []).map(({ containerPort }) => containerPort),
      );
      expect(new Set(ports).size, pod.of).toBe(ports.length);
    }
  });

  test("every service's port is one that the pods listen at, and every route's backend is a service", () => {
    const listening = containersOf(server)
      .flatMap(({ ports }) => ports ?? [])
      .map(({ containerPort }) => containerPort);
    const services = new Map(
      program.all("core/v1.Service").map((service) => [nameOf(service), spec<ServiceSpec>(service)]),
    );
    for (const { ports } of services.values())
      for (const { targetPort } of ports) expect(listening).toContain(targetPort);
    for (const route of program.all("gateway.networking.k8s.io/v1.HTTPRoute")) {
      const { rules } = spec<{ rules: { backendRefs?: { name: string; port: number }[] }[] }>(route);
      for (const { name, port } of rules.flatMap(({ backendRefs }) => backendRefs ?? [])) {
        expect(
          services.get(name)?.ports.map((each) => each.port),
          `${route.name} ${name}`,
        ).toContain(port);
      }
    }
  });

  test("every policy of the load balancer has an object that it is about", () => {
    const names = (kind: string) => program.all(kind).map(nameOf);
    for (const kind of ["GCPBackendPolicy", "HealthCheckPolicy", "GCPGatewayPolicy"]) {
      for (const policy of program.all(`networking.gke.io/v1.${kind}`)) {
        const { targetRef } = spec<{ targetRef: { kind: string; name: string } }>(policy);
        const kinds = { Service: "core/v1.Service", Gateway: "gateway.networking.k8s.io/v1.Gateway" };
        expect(names(kinds[targetRef.kind as keyof typeof kinds]), policy.name).toContain(targetRef.name);
      }
    }
  });

  test("pods name an account, a priority and a secret that exist", () => {
    const accounts = program.all("core/v1.ServiceAccount").map(nameOf);
    for (const pod of pods) {
      expect(accounts, pod.of).toContain(pod.spec.serviceAccountName);
      expect(program.all("scheduling.k8s.io/v1.PriorityClass").map(nameOf)).toContain(pod.spec.priorityClassName);
    }
    const volumes = server.spec.volumes as readonly { csi?: { volumeAttributes: { secretProviderClass: string } } }[];
    const classes = volumes.flatMap(({ csi }) => (csi === undefined ? [] : [csi.volumeAttributes.secretProviderClass]));
    expect(classes).toEqual(program.all("secrets-store.csi.x-k8s.io/v1.SecretProviderClass").map(nameOf));
  });

  test("every pod fits into the quota, with a rollout and the job beside all servers", () => {
    const { hard } = spec<{ hard: Record<string, string> }>(program.one("core/v1.ResourceQuota"));
    const most = spec<{ maxReplicas: number }>(program.one("autoscaling/v2.HorizontalPodAutoscaler")).maxReplicas;
    const sum = (what: "requests" | "limits", resource: string) =>
      pods.reduce((all, pod) => {
        const one = containersOf(pod).reduce(
          (some, { resources }) => some + amount(resources[what][resource] ?? "0"),
          0,
        );
        return all + one * (pod.of === "relay" ? most + 1 : 1);
      }, 0);
    expect(sum("requests", "cpu")).toBeLessThanOrEqual(amount(hard["requests.cpu"] ?? "0"));
    expect(sum("requests", "memory")).toBeLessThanOrEqual(amount(hard["requests.memory"] ?? "0"));
    expect(sum("limits", "memory")).toBeLessThanOrEqual(amount(hard["limits.memory"] ?? "0"));
    expect(most + 2).toBeLessThanOrEqual(Number(hard.pods));
  });

  test("threat: a pod that nobody thought of speaks to all; nothing goes in or out that no policy lets", () => {
    const all = policies
      .map((each) => spec<PolicySpec>(each))
      .find(({ podSelector }) => podSelector.matchLabels === undefined);
    expect(all).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  test("what is served is let in from the load balancer alone, and metrics to their collector", () => {
    const ingress = policiesOf(server).flatMap((policy) => policy.ingress ?? []);
    expect(
      ingress.map(({ from, ports }) => [from?.map(({ ipBlock }) => ipBlock?.cidr), ports?.map(({ port }) => port)]),
    ).toEqual([
      [
        ["35.191.0.0/16", "130.211.0.0/22"],
        [9300, 9302, 9803],
      ],
      [[undefined], [9803]],
    ]);
    expect(JSON.stringify(ingress[1])).toContain('"values":["gmp-system","gke-gmp-system"]');
    const served = program
      .all("core/v1.Service")
      .flatMap((service) => spec<ServiceSpec>(service).ports.map(({ targetPort }) => targetPort));
    for (const port of served) expect(ingress[0]?.ports?.map((each) => each.port)).toContain(port);
    expect(policiesOf(pods[1] ?? server).flatMap((policy) => policy.ingress ?? [])).toEqual([]);
  });

  test("pods reach what they need: names, identity, the database, Google's APIs", () => {
    for (const pod of pods) {
      const egress = policiesOf(pod).flatMap((policy) => policy.egress ?? []);
      const reaches = (cidr: string, port: number) =>
        egress.some(
          ({ to, ports }) =>
            to?.some(({ ipBlock }) => ipBlock?.cidr === cidr) && ports?.some((each) => each.port === port),
        );
      expect(reaches("169.254.20.10/32", 53), pod.of).toBe(true);
      expect(
        egress.some(
          ({ to, ports }) => to?.some((peer) => peer.namespaceSelector) && ports?.some(({ port }) => port === 53),
        ),
      ).toBe(true);
      // GKE's metadata server on dataplane V2 (Workload Identity, network policies).
      expect(reaches("169.254.169.252/32", 988) && reaches("169.254.169.254/32", 80), pod.of).toBe(true);
      expect(reaches("10.16.0.0/20", 3307), pod.of).toBe(true);
      expect(reaches("199.36.153.8/30", 443), pod.of).toBe(true);
    }
  });

  test("threat: a webhook's destination is inside, or the metadata server; the network says no where the server did not", () => {
    const open = policiesOf(server)
      .flatMap((policy) => policy.egress ?? [])
      .filter(({ to }) => to?.some(({ ipBlock }) => ipBlock?.cidr === "0.0.0.0/0"));
    expect(open).toHaveLength(level === "locked" ? 0 : 1);
    for (const { to, ports } of open) {
      expect(ports?.map(({ port }) => port)).toEqual([443, 80]);
      expect(to?.[0]?.ipBlock?.except).toEqual(
        expect.arrayContaining([
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.168.0.0/16",
        ]),
      );
    }
    const migrations = pods.find(({ of }) => of.startsWith("migrations-"));
    if (migrations === undefined) throw new Error("There is no job.");
    expect(JSON.stringify(policiesOf(migrations))).not.toContain("0.0.0.0/0");
  });
});

/** An amount of Kubernetes' in units: cores or bytes. */
function amount(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)(m|Mi|Gi)?$/.exec(text) ?? [];
  return Number(number) * ({ "": 1, m: 0.001, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? Number.NaN);
}
