import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeKubernetes, describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { type ControlPlane, startControlPlane } from "./support/control-plane.js";
import { type InfraProject, makeInfraProject } from "./support/infra-project.js";
import { PretendNodes, usualFate } from "./support/pretend-nodes.js";

const LONG = { timeout: 180_000 };
/** A pod that the restricted profile takes, as text of the program. */
const POD = `{
  metadata: { labels: { app: "server" } },
  spec: {
    restartPolicy: job ? "Never" : "Always",
    securityContext: { runAsNonRoot: !root, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "server",
        image: "server@sha256:" + "1".repeat(64),
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
}`;

describePulumi("the stand-in for Pulumi's plugin for Kubernetes", (pulumi) => {
  describeKubernetes("in front of a real API server", (kubernetes) => {
    let cluster: ControlPlane;
    let nodes: PretendNodes;
    let infra: InfraProject;
    let count = 0;
    beforeAll(async () => {
      cluster = await startControlPlane(kubernetes);
      nodes = new PretendNodes(cluster.api);
    }, LONG.timeout);
    afterAll(async () => {
      await nodes?.stop();
      await cluster?.stop();
    }, LONG.timeout);
    afterEach(async () => {
      nodes.fate = usualFate;
      await infra?.close();
    }, LONG.timeout);

    /** A program in a namespace of its own, `space`; `set` is its configuration. */
    async function make(program: string, set: object = {}): Promise<InfraProject> {
      count += 1;
      const { server, ca, token } = cluster.access;
      const certificate = Buffer.from(ca ?? "").toString("base64");
      const kubeconfig = JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server, "certificate-authority-data": certificate } }],
        users: [{ name: "u", user: { token } }],
      });
      infra = await makeInfraProject(pulumi, {
        cluster,
        config: { kubeconfig, space: `space-${count}`, set: JSON.stringify(set) },
        program: `
          const pulumi = require("@pulumi/pulumi");
          const k8s = require("@pulumi/kubernetes");
          const config = new pulumi.Config();
          const set = config.requireObject("set");
          const provider = new k8s.Provider("cluster", { kubeconfig: config.require("kubeconfig") });
          const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
          const metadata = { name: config.require("space"), labels: restricted };
          const space = new k8s.core.v1.Namespace("space", { metadata }, { provider }).metadata.name;
          ${program}
        `,
      });
      return infra;
    }

    const set = (values: object) => infra.project.config("set", JSON.stringify(values));
    const config = (name: string) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace: `space-${count}` },
    });

    test("has the server judge fields in a preview", LONG, async () => {
      const { project } = await make(`
        const policy = { apiVersion: "networking.gke.io/v1", kind: "GCPBackendPolicy", metadata: { name: "p", namespace: "default" } };
        const targetRef = { group: "", kind: "Service", name: "relay" };
        new k8s.apiextensions.CustomResource("p", { ...policy, spec: { targetRef, default: { timeout: 3600 } } }, { provider });
      `);
      const { exitCode, text } = await project.run(["preview", "--stack=test"]);
      expect(exitCode).not.toBe(0);
      expect(text).toContain(".spec.default.timeout: field not declared in schema");
    });

    test("names what has no name, keeps the name, and leaves names that are given alone", LONG, async () => {
      const { project } = await make(
        `
        const auto = new k8s.core.v1.ConfigMap("auto", { metadata: { namespace: space }, data: set.data }, { provider });
        const named = new k8s.core.v1.ConfigMap("named", { metadata: { namespace: space, name: "given" } }, { provider });
        exports.names = [auto.metadata.name, named.metadata.name];
        `,
        { data: { a: "1" } },
      );
      await project.up();
      const { names } = await project.outputs();
      expect(names).toEqual([expect.stringMatching(/^auto-[0-9a-f]{8}$/), "given"]);
      await set({ data: { a: "2" } });
      const { steps } = await project.up();
      expect(steps.map(({ op }) => op)).toContain("update");
      expect((await project.outputs()).names).toEqual(names);
      expect((await cluster.api.get(config(String((names as unknown as string[])[0]))))?.data).toEqual({ a: "2" });
    });

    test(
      "waits until a Deployment is available; what admission refuses of it fails, and can be mended",
      LONG,
      async () => {
        const { project } = await make(
          `
        const { root } = set, job = false;
        const spec = { replicas: 2, selector: { matchLabels: { app: "server" } }, template: ${POD} };
        new k8s.apps.v1.Deployment("server", { metadata: { name: "server", namespace: space }, spec }, { provider });
        `,
          { root: true },
        );
        const refused = await project.tryUp();
        expect(refused.exitCode).not.toBe(0);
        expect(refused.text).toContain("violates PodSecurity");
        await set({ root: false });
        await project.up();
        const server = {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "server", namespace: `space-${count}` },
        };
        expect((await cluster.api.get(server))?.status).toMatchObject({ availableReplicas: 2 });
        expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
        await project.destroy();
        expect(await cluster.api.get(server)).toBeUndefined();
      },
    );

    test("waits until a Job completes, fails with it, and replaces it when its pod changes", LONG, async () => {
      nodes.fate = () => "failed";
      const { project } = await make(
        `
        const root = false, job = true;
        const spec = { backoffLimit: set.limit, template: ${POD} };
        spec.template.spec.containers[0].args = [set.arg];
        new k8s.batch.v1.Job("migrate", { metadata: { name: "migrate", namespace: space }, spec }, { provider });
        `,
        { limit: 0, arg: "one" },
      );
      const failed = await project.tryUp();
      expect(failed.exitCode).not.toBe(0);
      expect(failed.text).toContain("Job has reached the specified backoff limit");
      nodes.fate = usualFate;
      await set({ limit: 0, arg: "two" });
      const { steps } = await project.up();
      expect(steps.map(({ op }) => op)).toEqual(expect.arrayContaining(["delete-replaced", "create-replacement"]));
      expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
    });

    test("finds no change in what the server drops or defaults", LONG, async () => {
      const { project } = await make(`
        const metadata2 = { name: "deny", namespace: space };
        const spec = { podSelector: {}, ingress: [], egress: [{ ports: [{ port: 443 }] }], policyTypes: ["Ingress", "Egress"] };
        new k8s.networking.v1.NetworkPolicy("deny", { metadata: metadata2, spec }, { provider });
      `);
      await project.up();
      await project.refresh();
      expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
    });

    test("takes nothing over that is there already", LONG, async () => {
      const { project } = await make(
        `new k8s.core.v1.ConfigMap("c", { metadata: { name: "taken", namespace: space }, data: { a: "b" } }, { provider });`,
      );
      const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: `space-${count}` } };
      await project.up(["--target", "**space"]);
      expect(await cluster.api.get(space)).toBeDefined();
      await cluster.api.apply({ ...config("taken"), data: { of: "somebody" } }, { fieldManager: "somebody" });
      const refused = await project.tryUp();
      expect(refused.text).toContain("ConfigMap taken: resource already exists in the cluster");
      expect((await cluster.api.get(config("taken")))?.data).toEqual({ of: "somebody" });
    });

    test("finds what somebody else changed, and says who owns it before it takes it back", LONG, async () => {
      const { project } = await make(
        `
        const annotations = set.force ? { "pulumi.com/patchForce": "true" } : {};
        new k8s.core.v1.ConfigMap("c", { metadata: { name: "c", namespace: space, annotations }, data: { a: "mine" } }, { provider });
        `,
      );
      await project.up();
      await cluster.api.apply({ ...config("c"), data: { a: "theirs" } }, { fieldManager: "somebody", force: true });
      await project.refresh();
      const { text } = await project.tryUp();
      expect(text).toContain('conflict with "somebody"');
      await set({ force: true });
      await project.up();
      expect((await cluster.api.get(config("c")))?.data).toEqual({ a: "mine" });
    });

    test("threat: what a Secret holds is not in the state in plain text", LONG, async () => {
      const { project } = await make(
        `new k8s.core.v1.Secret("s", { metadata: { name: "s", namespace: space }, stringData: { token: "for nobody's eyes" } }, { provider });`,
      );
      await project.up();
      const text = await project.stateText();
      expect(text).not.toContain("for nobody's eyes");
      expect(text).not.toContain(Buffer.from("for nobody's eyes").toString("base64"));
      await project.refresh();
      expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
    });
  });
});
