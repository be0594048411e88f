import { expect, test } from "vitest";
import { FairChecks } from "./fair-checks.js";

function setUp() {
  const checks = new FairChecks();
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let started = 0;
  const run = (address: string, secret: string) =>
    checks.run(address, secret, async () => {
      started += 1;
      await held;
      return "checked";
    });
  return { run, release: () => release(), started: () => started };
}

test("threat: one address guesses: 64 checks at a time are its, others are checked as ever", async () => {
  const { run, release, started } = setUp();
  const first = Array.from({ length: 64 }, (_, i) => run("192.0.2.66", `guess ${i}`));
  expect(await run("192.0.2.66", "guess 64")).toBeUndefined();
  const other = run("192.0.2.1", "secret");
  expect(started()).toBe(65);
  release();
  expect(await Promise.all([...first, other])).toEqual(Array(65).fill("checked"));
  expect(await run("192.0.2.66", "guess 64")).toBe("checked");
});

test("many agents with one secret behind one address count once", async () => {
  const { run, release } = setUp();
  const all = Array.from({ length: 1_000 }, () => run("192.0.2.1", "secret"));
  release();
  expect(await Promise.all(all)).toEqual(Array(1_000).fill("checked"));
});

test("a check that fails gives its place back", async () => {
  const checks = new FairChecks();
  for (let i = 0; i < 100; i += 1) {
    await expect(checks.run("192.0.2.1", `${i}`, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  }
  expect(await checks.run("192.0.2.1", "x", async () => 1)).toBe(1);
});
