import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { ManifestProgram } from "./support/manifest-program.js";

const ROUNDS = 12;
const OBJECTS = 120;

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

test("a program that is killed in the middle of an apply leaves all of it or nothing", async () => {
  // How long an apply takes is measured, so that the kills fall into it on any machine.
  const began = performance.now();
  await program.run(["apply", "-f", manifest("round"), "--auto-approve"]);
  const took = performance.now() - began;
  let present = "round";
  const seen = { before: 0, after: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = present === "round" ? "other" : "round";
    const file = manifest(next);
    const started = program.start(["apply", "-f", file, "--auto-approve"]);
    // From the middle of its way on, where the program has been loaded and the server is at work.
    const killed = wait(took * (0.5 + (0.6 * round) / ROUNDS)).then(() => started.child.kill("SIGKILL"));
    await started.exited;
    await killed;
    // An apply that the server still has at work is waited for by this plan, or seen by the next one.
    const plans: { create: number; update: number; delete: number }[] = [];
    for (let settled = ""; plans.length < 2 || settled !== JSON.stringify(plans.at(-1)); ) {
      settled = JSON.stringify(plans.at(-1) ?? null);
      const plan = await program.run(["plan", "-f", file, "--json"]);
      expect(plan.stderr).toBe("");
      plans.push(JSON.parse(plan.stdout).summary);
    }
    for (const { create, update, delete: gone } of plans) {
      expect([
        [0, 0, 0],
        [3 * OBJECTS, 0, 3 * OBJECTS],
      ]).toContainEqual([create, update, gone]);
    }
    if (plans.at(-1)?.create === 0) {
      seen.after += 1;
      present = next;
    } else {
      seen.before += 1;
    }
  }
  console.log(`killed ${ROUNDS} times: ${seen.before} left everything as it was, ${seen.after} did all`);
}, 120_000);
