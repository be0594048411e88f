import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeKubernetes, describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { type ControlPlane, startControlPlane } from "./support/control-plane.js";
import { makePolicyProject, type PolicyProject } from "./support/policy-project.js";
import { PretendNodes } from "./support/pretend-nodes.js";

const PRODUCTION = fileURLToPath(new URL("../policy/prod.json", import.meta.url));
const LONG_MS = 300_000;

/** What is left out at prod on purpose; policy-the-program-passes says why. */
const LEFT_OUT = [
  "autoscaler-by-load-of-the-relay",
  "backup-plan-locked",
  "gke-5.8.3-groups-for-rbac",
  "node-pool-with-sandbox",
];

function told({ stdout }: { readonly stdout: string }): readonly string[] {
  return [...stdout.matchAll(/\[(?:mandatory|advisory)\] +(\S+)/g)].map(([, id = ""]) => id).sort();
}

// Rules over several resources see what the cloud and the cluster answer, once there is something to answer.
describePulumi("the program at prod under the policy pack", (pulumi) => {
  describeKubernetes("with stand-ins", (kubernetes) => {
    let cluster: ControlPlane;
    let nodes: PretendNodes;
    let project: PolicyProject;
    beforeAll(async () => {
      cluster = await startControlPlane(kubernetes);
      nodes = new PretendNodes(cluster.api);
      project = await makePolicyProject(pulumi, "prod", cluster);
    }, LONG_MS);
    afterAll(async () => {
      await project?.close();
      await nodes?.stop();
      await cluster?.stop();
    }, LONG_MS);

    test("goes up, and is judged whole once everything is known", { timeout: LONG_MS }, async () => {
      const run = await project.up({ config: PRODUCTION });
      expect(told(run)).toEqual(LEFT_OUT);
      expect(run.exitCode).toBe(0);
    });

    test("leaves nothing open in a preview of what is up", { timeout: LONG_MS }, async () => {
      const run = await project.preview({ config: PRODUCTION });
      expect(told(run)).toEqual(LEFT_OUT);
      expect(run.text).not.toContain("can't be known during preview");
      expect(run.exitCode).toBe(0);
    });
  });
});
