import { afterAll, beforeAll, expect, test } from "vitest";
import { describeKubernetes, describePulumi } from "../../../provider-schema/test/support/describe-engine.js";
import type { PulumiStep } from "../../../provider-schema/test/support/pulumi-run.js";
import type { CloudFault } from "../stand-ins/gcp/cloud-folder.js";
import { type ControlPlane, startControlPlane } from "./control-plane.js";
import { type InfraProject, makeInfraProject } from "./infra-project.js";
import { PretendNodes } from "./pretend-nodes.js";

type Config = Readonly<Record<string, string>>;

/** A program, and what tests need to know of it. Resources are named "TYPE::NAME", as URNs end. */
export interface ProgramUnderTest {
  /** In words, for the names of tests. */
  readonly title: string;
  /** Absolute path. */
  readonly main: string;
  /** Name of the project: the namespace of its configuration. */
  readonly project: string;
  readonly config: Config;
  /** What fails once on the way up; the next `up` completes. */
  readonly faults: readonly CloudFault[];
  /** A change, and all that it may touch. */
  readonly change: { readonly config: Config; readonly touches: readonly string[] };
  /** A change that would replace what holds data, and what the engine says to it. */
  readonly replacement: { readonly config: Config; readonly says: string };
  /** Does what has to be done before it can be destroyed. */
  readonly unprotect: (infra: InfraProject) => Promise<void>;
  /** What is there as long as it is protected. */
  readonly protected: readonly string[];
}

const LONG_MS = 300_000;

/** Describes tests that take a program through its life, one after the other, on one stack and one cluster. */
export function describeLifecycle(program: ProgramUnderTest): void {
  describePulumi(program.title, (pulumi) => {
    describeKubernetes("with stand-ins", (kubernetes) => {
      let cluster: ControlPlane;
      let nodes: PretendNodes;
      let infra: InfraProject;
      beforeAll(async () => {
        cluster = await startControlPlane(kubernetes);
        nodes = new PretendNodes(cluster.api);
        const { main, project: name, config } = program;
        infra = await makeInfraProject(pulumi, { main, name, config, cluster });
      }, LONG_MS);
      afterAll(async () => {
        await infra?.close();
        await nodes?.stop();
        await cluster?.stop();
      }, LONG_MS);

      const configure = async (config: Config): Promise<void> => {
        for (const [key, value] of Object.entries(config)) await infra.project.config(key, value);
      };

      test("is previewed before anything is there, and makes nothing", { timeout: LONG_MS }, async () => {
        const { steps } = await infra.project.preview();
        expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["create"]));
        expect(infra.cloud.all()).toEqual([]);
      });

      test("is completed by the next up after steps that failed in the middle", { timeout: LONG_MS }, async () => {
        for (const fault of program.faults) infra.cloud.fail(fault);
        const said: string[] = [];
        // One failure may keep the engine from reaching the next.
        while (infra.cloud.faults().length > 0 && said.length <= program.faults.length) {
          const failed = await infra.project.tryUp();
          expect(failed.exitCode).not.toBe(0);
          said.push(failed.text);
        }
        for (const { message } of program.faults) expect(said.join("\n")).toContain(message);
        await infra.project.up();
      });

      test("previews no change when it is up", { timeout: LONG_MS }, async () => {
        expect((await infra.project.preview(["--expect-no-changes"])).steps).toEqual([]);
      });

      test("is the same after a refresh", { timeout: LONG_MS }, async () => {
        const { steps } = await infra.project.refresh();
        expect(steps.filter(({ op }) => op !== "refresh").map(told)).toEqual([]);
        expect((await infra.project.preview(["--expect-no-changes"])).steps).toEqual([]);
      });

      test("changes only what a change of configuration is about", { timeout: LONG_MS }, async () => {
        await configure(program.change.config);
        const { steps } = await infra.project.up();
        expect(new Set(steps.filter(isChange).map(({ urn }) => nameOf(urn)))).toEqual(new Set(program.change.touches));
        expect((await infra.project.preview(["--expect-no-changes"])).steps).toEqual([]);
      });

      test("replaces nothing that holds data", { timeout: LONG_MS }, async () => {
        const before = infra.cloud.all();
        await configure(program.replacement.config);
        const refused = await infra.project.run(["up", "--stack=test", "--yes"]);
        expect(refused.text).toContain(program.replacement.says);
        expect(refused.exitCode).not.toBe(0);
        expect(infra.cloud.all()).toEqual(before);
        await configure({ ...program.config, ...program.change.config });
      });

      test("refuses to be destroyed while it is protected", { timeout: LONG_MS }, async () => {
        const before = infra.cloud.all();
        // As people run it: the preview that comes first refuses, and nothing has been touched.
        const refused = await infra.project.run(["destroy", "--stack=test", "--yes"]);
        expect(refused.exitCode).not.toBe(0);
        expect(refused.text).toContain("protect");
        expect(infra.cloud.all()).toEqual(before);
        const left = (await infra.project.resources()).map(({ urn }) => nameOf(String(urn)));
        expect(left).toEqual(expect.arrayContaining([...program.protected]));
      });

      test("is destroyed when it is no longer protected", { timeout: LONG_MS }, async () => {
        await program.unprotect(infra);
        await infra.project.destroy();
        expect(await infra.project.resources()).toEqual([]);
      });
    });
  });
}

/** Steps that are about a resource of a provider's. */
function isChange({ op, urn }: PulumiStep): boolean {
  return op !== "same" && op !== "read" && !urn.includes("::pulumi:pulumi:Stack::");
}

function nameOf(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1)}::${name}`;
}

function told({ op, urn }: PulumiStep): string {
  return `${op} ${nameOf(urn)}`;
}
