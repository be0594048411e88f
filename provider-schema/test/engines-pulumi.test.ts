import { afterEach, expect, test } from "vitest";
import { describePulumi } from "./support/describe-engine.js";
import { makePulumiProject, type PulumiProject } from "./support/pulumi-project.js";

// The support for tests of providers, proven with programs that need no provider.
describePulumi("a project without a provider", (engine) => {
  let project: PulumiProject;
  afterEach(() => project.close());

  test("previews, goes up, and then previews nothing", async () => {
    project = await makePulumiProject(engine, {
      program: `
        const pulumi = require("@pulumi/pulumi");
        const config = new pulumi.Config();
        exports.greeting = pulumi.interpolate\`hello \${config.require("whom")}\`;
        exports.hidden = config.requireSecret("hidden");
      `,
    });
    await project.config("whom", "world");
    await project.config("hidden", "not for everybody", { secret: true });
    expect((await project.preview()).steps.map(({ op }) => op)).toEqual(["create"]);
    await project.up();
    expect(await project.outputs()).toEqual({ greeting: "hello world", hidden: "not for everybody" });
    expect((await project.preview(["--expect-no-changes"])).steps).toEqual([]);
    expect((await project.resources()).map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
    const onDisk = await project.stateText();
    expect(onDisk).toContain("hello world");
    expect(onDisk).not.toContain("not for everybody");
    await project.refresh();
    await project.destroy();
    expect(await project.resources()).toEqual([]);
  });

  test("tells what was planned, and what was done", async () => {
    project = await makePulumiProject(engine, {
      program: `
        const pulumi = require("@pulumi/pulumi");
        const stash = new pulumi.Stash("kept", { input: process.env.KEPT });
        exports.kept = stash.output;
      `,
    });
    const urn = "urn:pulumi:test::relay-test::pulumi:index:Stash::kept";
    const first = await project.up([], { env: { KEPT: "one" } });
    expect(first.steps).toContainEqual(expect.objectContaining({ op: "create", urn }));
    const preview = await project.preview([], { env: { KEPT: "two" } });
    expect(preview.steps).toEqual([expect.objectContaining({ op: "update", urn })]);
    expect(preview.steps[0]?.newState.inputs).toEqual({ input: "two" });
    const second = await project.up([], { env: { KEPT: "two" } });
    expect(second.steps).toEqual([expect.objectContaining({ op: "update", urn })]);
    expect(second.failed).toEqual([]);
    const gone = await project.destroy();
    expect(gone.steps).toContainEqual(expect.objectContaining({ op: "delete", urn }));
  });

  test("runs a program in TypeScript with a component", async () => {
    project = await makePulumiProject(engine, {
      program: {
        "index.ts": `
          import * as pulumi from "@pulumi/pulumi";
          import { Group } from "./group";
          const group: Group = new Group("relays");
          export const urn: pulumi.Output<string> = group.urn;
        `,
        "group.ts": `
          import { ComponentResource } from "@pulumi/pulumi";
          export class Group extends ComponentResource {
            constructor(name: string) {
              super("relay:test:Group", name);
            }
          }
        `,
      },
    });
    await project.up();
    expect((await project.outputs()).urn).toBe("urn:pulumi:test::relay-test::relay:test:Group::relays");
    await project.destroy();
  });

  test("gives exit code and text of what fails", async () => {
    project = await makePulumiProject(engine, { program: `throw new Error("no such thing");` });
    const failed = await project.tryUp();
    expect(failed.exitCode).not.toBe(0);
    expect(failed.text).toContain("no such thing");
    await expect(project.up()).rejects.toThrow("no such thing");
  });

  test("runs a program inside the test through the Automation API", async () => {
    project = await makePulumiProject(engine, {});
    let whom = "nobody";
    const stack = await project.inlineStack(async () => ({ greeting: `hello ${whom}` }));
    whom = "world";
    const { changeSummary } = await stack.preview();
    expect(changeSummary).toEqual({ create: 1 });
    const up = await stack.up();
    expect(up.outputs.greeting).toEqual({ value: "hello world", secret: false });
    await stack.preview({ expectNoChanges: true });
    expect(await project.outputs()).toEqual({ greeting: "hello world" });
    await stack.destroy();
    expect(await project.resources()).toEqual([]);
  });
});
