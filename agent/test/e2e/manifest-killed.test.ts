import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { ManifestProgram } from "./support/manifest-program.js";

const ROUNDS = Number(process.env.RELAY_KILL_ROUNDS ?? 10);
const OBJECTS = 60;

let server: TestServer;
let program: ManifestProgram;

beforeAll(async () => {
  server = await runServer();
  program = new ManifestProgram(server);
});
afterAll(async () => {
  program?.remove();
  await server?.close();
});

/** `OBJECTS` buckets with an input and an output each, described by a word. */
function manifest(word: string): string {
  const buckets = Object.fromEntries(
    Array.from({ length: OBJECTS }, (_, n) => [
      `${word}-${n}`,
      { description: word, inputs: { in: {} }, outputs: { out: { destination: "http://localhost:1/" } } },
    ]),
  );
  return program.write(`${word}.json`, { manifest: 1, name: "killed", buckets });
}

test(
  "a program that is killed in the middle of an apply leaves all of it or nothing",
  async () => {
    // How long the server's part takes is measured, so that the kills fall into it on any machine.
    const first = program.start(["apply", "-f", manifest("round"), "--auto-approve"]);
    await first.seen("Plan: ");
    const began = performance.now();
    await first.exited;
    const took = performance.now() - began;
    let present = "round";
    const seen = { before: 0, after: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = present === "round" ? "other" : "round";
      const file = manifest(next);
      const started = program.start(["apply", "-f", file, "--auto-approve"]);
      await started.seen("Plan: ");
      await wait((took * round) / ROUNDS);
      started.child.kill("SIGKILL");
      await started.exited;
      // The server may still have the apply at work: the plan is asked for until two in a row are the same.
      const plans: Record<string, number>[] = [];
      while (plans.length < 2 || JSON.stringify(plans.at(-1)) !== JSON.stringify(plans.at(-2))) {
        const plan = await program.run(["plan", "-f", file, "--json"]);
        expect(plan.stderr).toBe("");
        plans.push(JSON.parse(plan.stdout).summary);
      }
      const others = { update: 0, replace: 0, adopt: 0 };
      for (const summary of plans) {
        expect([
          { create: 0, delete: 0, ...others },
          { create: 3 * OBJECTS, delete: 3 * OBJECTS, ...others },
        ]).toContainEqual(summary);
      }
      if (plans.at(-1)?.create === 0) {
        seen.after += 1;
        present = next;
      } else {
        seen.before += 1;
      }
    }
    console.log(`killed ${ROUNDS} times: ${seen.before} left everything as it was, ${seen.after} did all`);
  },
  60_000 + ROUNDS * 6_000,
);
