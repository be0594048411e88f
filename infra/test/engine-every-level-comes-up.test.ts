import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeKubernetes, describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import type { Level } from "../config/level.js";
import { type ControlPlane, startControlPlane } from "./support/control-plane.js";
import { type InfraProject, makeInfraProject } from "./support/infra-project.js";
import { PretendNodes } from "./support/pretend-nodes.js";
import { relayProgram } from "./support/relay-program.js";

const LONG_MS = 300_000;

const VARIANTS: readonly [title: string, level: Level, settings: Readonly<Record<string, string>>][] = [
  ["dev", "dev", {}],
  ["locked", "locked", { deletionProtection: "false" }],
  ["prod on Autopilot", "prod", { autopilot: "true", deletionProtection: "false" }],
];

const LEFT_BEHIND = ["KeyRing", "CryptoKey", "Service", "ServiceIdentity", "Database", "User", "Connection"];

// What prod on Standard goes through in full, the others do in short: Google and Kubernetes take every object of theirs.
describePulumi("the program", (pulumi) => {
  describeKubernetes("with stand-ins", (kubernetes) => {
    let cluster: ControlPlane;
    let nodes: PretendNodes;
    let infra: InfraProject | undefined;
    beforeAll(async () => {
      cluster = await startControlPlane(kubernetes);
      nodes = new PretendNodes(cluster.api);
    }, LONG_MS);
    afterEach(async () => {
      await infra?.close();
      infra = undefined;
    }, LONG_MS);
    afterAll(async () => {
      await nodes?.stop();
      await cluster?.stop();
    }, LONG_MS);

    test.each(VARIANTS)(
      "at %s comes up, stays as it is, and goes",
      { timeout: LONG_MS },
      async (_, level, settings) => {
        const { main, project: name, config } = relayProgram(level);
        infra = await makeInfraProject(pulumi, { main, name, config: { ...config, ...settings }, cluster });
        // A cloud takes its time, so that what does not wait for what it needs comes too early.
        infra.cloud.set({ latencyMs: 100 });
        await infra.project.up();
        expect((await infra.project.preview(["--expect-no-changes"])).steps).toEqual([]);
        await infra.project.destroy();
        expect(await infra.project.resources()).toEqual([]);
        // Keys and rings cannot be deleted at Google. APIs and their agents may be others' too. The database's own are gone
        // with their instance, the peering with its network.
        const left = infra.cloud.all().map(({ type }) => type.split(":").at(-1));
        expect(new Set(left)).toEqual(new Set(LEFT_BEHIND));
      },
    );

    test("without an image makes everything but the servers, and says what to do next", {
      timeout: LONG_MS,
    }, async () => {
      const { main, project: name, config } = relayProgram("dev");
      const { image: _image, proxyImage: _proxyImage, ...rest } = config;
      infra = await makeInfraProject(pulumi, { main, name, config: rest, cluster });
      await infra.project.up();
      const { nextSteps, registry } = await infra.project.outputs();
      expect(JSON.stringify(nextSteps)).toContain(`${registry}/server`);
      const types = (await infra.project.resources()).map(({ type }) => String(type));
      expect(types).not.toContain("kubernetes:apps/v1:Deployment");
      await infra.project.destroy();
    });
  });
});
