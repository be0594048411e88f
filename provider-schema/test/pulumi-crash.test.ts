import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { killIfThere } from "../../server/test/support/kill-if-there.js";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { ApiProxy } from "./support/api-proxy.js";
import { describePulumi } from "./support/describe-engine.js";
import type { PulumiProject } from "./support/pulumi-project.js";
import { type Declared, declare, makeRelayProgram, relayEnvironment } from "./support/relay-pulumi.js";

const BUCKETS = 8;
/** Of each victim. */
const ROUNDS = Number(process.env.RELAY_KILL_ROUNDS ?? 1);
const VICTIMS = ["the provider", "the CLI", "the server"].flatMap((victim) => Array<string>(ROUNDS).fill(victim));

describePulumi("after a crash", (engine) => {
  let server: TestServer;
  let project: PulumiProject;
  let proxy: ApiProxy;
  beforeAll(async () => {
    server = await runServer();
  });
  afterAll(() => server.close());
  afterEach(async () => {
    proxy.close();
    await project.close();
  });

  /** The provider's processes of a command. */
  const providers = (cli: number): number[] =>
    execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" })
      .split("\n")
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
      .filter((match) => Number(match?.[2]) === cli && match?.[3]?.includes("pulumi-resource-relay"))
      .map((match) => Number(match?.[1]));
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const resources = (imported: ReadonlyMap<string, string>): Declared[] =>
    Array.from({ length: BUCKETS }, (_, i) => {
      const withImport = (name: string) => ({
        name,
        options: imported.has(name) ? { import: imported.get(name) } : {},
      });
      return [
        { type: "Bucket" as const, ...withImport(`b${i}`), args: { name: `bucket ${i}` } },
        { type: "Input" as const, ...withImport(`i${i}`), args: { bucket: `@b${i}.id`, name: "push" } },
      ];
    }).flat();

  test.each(VICTIMS)(
    "of %s the next run does the rest, and says what it cannot know of",
    async (victim) => {
      proxy = await new ApiProxy(server.at.http).start();
      project = await makeRelayProgram(engine, { ...relayEnvironment(server), RELAY_API_ADDRESS: proxy.address });
      await declare(project, resources(new Map()));
      const running = project.start(["up", "--stack=test", "--yes", "--skip-preview", "--parallel=4"]);
      const until = 1 + Math.floor(Math.random() * BUCKETS);
      await waitFor(
        "some requests",
        () => proxy.seen.filter((each) => each.startsWith("POST")).length >= until || undefined,
      );
      const plugins = providers(running.pid);
      if (victim === "the provider") for (const pid of plugins) killIfThere(pid);
      if (victim === "the CLI") running.kill("SIGKILL");
      if (victim === "the server") await server.kill("SIGKILL");
      if (victim === "the server") {
        await server.start();
        proxy.target = server.at.http;
      }
      await running.done;
      await waitFor("the providers' end", () => plugins.every((pid) => !isAlive(pid)) || undefined, {
        timeoutMs: 10_000,
      });

      // A killed CLI leaves its lock, and notes of what it had begun.
      await project.run(["cancel", "--stack=test", "--yes"]);
      await project.refresh(["--clear-pending-creates"]);
      let run = await project.tryUp();
      // Made, but nobody was told: what has the name is imported, as the message says. A run ends at the first of them, and
      // those behind it show in the next.
      for (let round = 0; run.exitCode !== 0 && round < 2 * BUCKETS; round += 1) {
        const imported = new Map(
          run.failed.map(({ urn }): [string, string] => {
            const name = urn.split("::").at(-1) ?? "";
            const id = `bucket ${name.slice(1)}`;
            return [name, name.startsWith("b") ? id : `${id}/push`];
          }),
        );
        expect(run.text).toContain("import it: pulumi import relay:index:");
        // The preview said so before, of every one whose bucket is known.
        const preview = await project.run(["preview", "--stack=test"]);
        expect(preview.text).toContain("of this name exists");
        await declare(project, resources(imported));
        run = await project.tryUp();
        await declare(project, resources(new Map()));
      }
      expect(run.exitCode, run.text).toBe(0);
      await project.up(["--refresh", "--expect-no-changes"]);
      const buckets = (await server.must("GET", "/v1/buckets")) as { name: string; inputs: { name: string }[] }[];
      expect(buckets.map(({ name }) => name).sort()).toEqual(Array.from({ length: BUCKETS }, (_, i) => `bucket ${i}`));
      expect(buckets.every(({ inputs }) => inputs.length === 1)).toBe(true);
      expect((await project.destroy()).failed).toEqual([]);
    },
    120_000,
  );
});
