import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { containersOf, podsOf } from "./support/pods-of.js";
import { programOf } from "./support/program.js";

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);
  const pods = podsOf(program);
  const deployment = program.one("apps/v1.Deployment");
  const server = pods.find(({ of }) => of === "relay");
  const relay = server?.spec.containers[0];
  const replicas = level === "dev" ? 2 : 3;

  test("the namespace takes restricted pods alone, by a version of the standard that does not move", () => {
    const { metadata } = program.one("core/v1.Namespace").inputs as { metadata: { labels: Record<string, string> } };
    for (const mode of ["enforce", "audit", "warn"]) {
      expect(metadata.labels[`pod-security.kubernetes.io/${mode}`]).toBe("restricted");
      expect(metadata.labels[`pod-security.kubernetes.io/${mode}-version`]).toMatch(/^v1\.\d+$/);
    }
  });

  test("threat: a captured process looks for a way out; every pod satisfies the restricted profile and more", () => {
    expect(pods.map(({ of }) => of)).toEqual(["relay", "migrations-aaaaaaaaaaaa"]);
    for (const pod of pods) {
      expect(pod.spec, pod.of).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        priorityClassName: "relay",
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          seccompProfile: { type: "RuntimeDefault" },
        },
      });
      for (const key of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod.spec, pod.of).not.toHaveProperty(key);
      for (const container of containersOf(pod)) {
        expect(container.securityContext, container.name).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.securityContext, container.name).not.toHaveProperty("privileged");
        expect(container.securityContext, container.name).not.toHaveProperty("capabilities.add");
      }
    }
  });

  test("every container asks for what it needs, and is bounded in memory but not throttled", () => {
    for (const container of pods.flatMap(containersOf)) {
      expect(container.resources.requests, container.name).toMatchObject({
        cpu: expect.any(String),
        memory: expect.any(String),
      });
      expect(Object.keys(container.resources.limits), container.name).toEqual(["memory"]);
    }
  });

  test("what is written has a size, and is gone with the pod", () => {
    for (const { of, spec } of pods) {
      for (const volume of spec.volumes) {
        if (volume.emptyDir !== undefined) expect(volume.emptyDir.sizeLimit, `${of} ${volume.name}`).toMatch(/^\d+Mi$/);
        expect(Object.keys(volume).sort()[0], volume.name).toMatch(/^(csi|emptyDir)$/);
      }
    }
    expect(program.all("core/v1.PersistentVolumeClaim")).toEqual([]);
  });

  test("servers are replaced one by one, each after the next is ready", () => {
    expect(deployment.inputs).toMatchObject({
      spec: {
        replicas,
        minReadySeconds: expect.any(Number),
        progressDeadlineSeconds: expect.any(Number),
        revisionHistoryLimit: expect.any(Number),
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      },
    });
  });

  test("a server that goes is noticed, drained, and only then killed", () => {
    const drain = Number.parseInt(relay?.env?.find(({ name }) => name === "DRAIN_TIMEOUT")?.value ?? "", 10);
    expect(relay?.lifecycle).toEqual({ preStop: { sleep: { seconds: 15 } } });
    expect(server?.spec.terminationGracePeriodSeconds).toBeGreaterThan(15 + drain);
    // The load balancer needs two failed checks, five seconds apart, to notice.
    expect(15).toBeGreaterThan(2 * 5);
  });

  test("alive means that the process answers; ready that the database does, too", () => {
    expect(relay?.startupProbe?.httpGet).toEqual({ path: "/healthz", port: "status" });
    expect(relay?.livenessProbe?.httpGet).toEqual({ path: "/healthz", port: "status" });
    expect(relay?.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "status" });
    for (const container of pods.flatMap(containersOf)) {
      expect(container.terminationMessagePolicy, container.name).toBe("FallbackToLogsOnError");
    }
  });

  // Two servers must not be kept apart by force: with one zone down the second would have nowhere to go.
  test("servers are spread over zones and nodes", () => {
    const spread = server?.spec.topologySpreadConstraints as Record<string, unknown>[];
    expect(spread.map((each) => [each.topologyKey, each.whenUnsatisfiable, each.matchLabelKeys])).toEqual([
      ["topology.kubernetes.io/zone", level === "dev" ? "ScheduleAnyway" : "DoNotSchedule", ["pod-template-hash"]],
      ["kubernetes.io/hostname", "ScheduleAnyway", ["pod-template-hash"]],
    ]);
  });

  test("at most one is taken away on purpose at a time, and one that does not work never stands in the way", () => {
    expect(program.one("policy/v1.PodDisruptionBudget").inputs).toMatchObject({
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    });
  });

  test("servers are added fast and taken away slowly, because each that goes sends its agents elsewhere", () => {
    expect(program.one("autoscaling/v2.HorizontalPodAutoscaler").inputs).toMatchObject({
      spec: {
        minReplicas: replicas,
        scaleTargetRef: { kind: "Deployment", name: "relay" },
        metrics: [{ type: "Resource", resource: { name: "cpu" } }],
        behavior: {
          scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 120 }] },
        },
      },
    });
    expect(deployment.ignoreChanges).toContain("spec.replicas");
  });

  test("the schema is brought up to the release before its servers start, and not for ever", () => {
    const job = program.one("batch/v1.Job");
    expect(job.inputs).toMatchObject({
      spec: { backoffLimit: 3, activeDeadlineSeconds: 900, ttlSecondsAfterFinished: expect.any(Number) },
    });
    expect(program.waitsFor(deployment, job)).toBe(true);
    const [migrations] = pods.find(({ of }) => of.startsWith("migrations-"))?.spec.containers ?? [];
    expect(migrations?.args).toEqual(["migrate"]);
    expect(migrations?.image).toBe(relay?.image);
    expect(relay?.env).toContainEqual({ name: "MIGRATE_ON_START", value: "false" });
  });

  test("the auth proxy is up before the program and goes after it, logs in by IAM, and is reached from its pod alone", () => {
    for (const { of, spec } of pods) {
      const [proxy] = spec.initContainers;
      expect(proxy?.restartPolicy, of).toBe("Always");
      expect(proxy?.args, of).toEqual(
        expect.arrayContaining(["--auto-iam-authn", "--private-ip", "--structured-logs", "--port=5432"]),
      );
      expect(proxy?.args?.join(" "), of).not.toContain("--address");
      expect(proxy?.args?.at(-1), of).toBe("relay-project:europe-west3:relay-1a2b3c4");
      expect(spec.containers[0]?.env, of).toContainEqual({ name: "POSTGRES_HOST", value: "127.0.0.1:5432" });
    }
  });

  test("threat: somebody reads a pod's environment; no secret stands in it", () => {
    const settings = pods.flatMap(containersOf).flatMap(({ env }) => env ?? []);
    for (const { name, valueFrom } of settings) {
      expect(valueFrom, name).toBeUndefined();
      expect(name).not.toMatch(/(SECRET|PASSWORD|DATABASE_URL|TOKEN)$/);
    }
    expect(settings).toContainEqual({ name: "ADMIN_API_SECRET_FILE", value: "/var/run/relay/administrator" });
  });

  test("the namespace has room for a rollout beside all servers, and for nothing that costs or listens", () => {
    const most = level === "dev" ? 3 : 6;
    expect(program.one("core/v1.ResourceQuota").inputs).toMatchObject({
      spec: {
        hard: {
          pods: String(most + 4),
          "services.loadbalancers": "0",
          "services.nodeports": "0",
          persistentvolumeclaims: "0",
        },
      },
    });
    expect(program.one("core/v1.LimitRange").inputs).toMatchObject({ spec: { limits: [{ type: "Container" }] } });
  });

  test("objects are applied by the server, whose fields have owners", () => {
    expect(program.one("providers.kubernetes").inputs).toMatchObject({ enableServerSideApply: "true" });
  });
});

test("servers are added for agents too, where that is asked for", async () => {
  const program = await programOf("prod", { agentsPerReplica: "1000" });
  expect(program.one("autoscaling/v2.HorizontalPodAutoscaler").inputs).toHaveProperty("spec.metrics[1]", {
    type: "Pods",
    pods: {
      metric: { name: "prometheus.googleapis.com|relay_agents|gauge" },
      target: { type: "AverageValue", averageValue: "1000" },
    },
  });
});

test("everything but the workload is ready before there is an image", async () => {
  const program = await programOf("dev", { image: undefined, proxyImage: undefined });
  expect(podsOf(program)).toEqual([]);
  for (const kind of ["artifactregistry.Repository", "sql.DatabaseInstance", "gateway.networking.k8s.io/v1.Gateway"]) {
    expect(program.all(kind), kind).toHaveLength(1);
  }
});
