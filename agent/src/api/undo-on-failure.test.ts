import { expect, test } from "vitest";
import { CliError, EXIT } from "../cli/exit-codes.js";
import { undoOnFailure } from "./undo-on-failure.js";

const FAILURE = new CliError("refused", EXIT.failure);

test("takes back what was made, last first, and throws the failure on", async () => {
  const undone: string[] = [];
  const run = undoOnFailure(async (onFailure) => {
    onFailure("first", async () => undone.push("first"));
    onFailure("second", async () => undone.push("second"));
    throw FAILURE;
  });
  await expect(run).rejects.toBe(FAILURE);
  expect(undone).toEqual(["second", "first"]);
});

test("takes nothing back after success", async () => {
  const run = undoOnFailure(async (onFailure) => {
    onFailure("first", () => Promise.reject(new Error("must not be called")));
    return 1;
  });
  await expect(run).resolves.toBe(1);
});

test("says what could not be taken back, and takes the rest back nevertheless", async () => {
  const undone: string[] = [];
  const run = undoOnFailure(async (onFailure) => {
    onFailure("bucket demo", async () => undone.push("bucket demo"));
    onFailure("input x", () => Promise.reject(new Error("gone")));
    throw FAILURE;
  });
  await expect(run).rejects.toMatchObject({
    message: "refused. Created before it, and not deleted again: input x",
    exitCode: EXIT.failure,
  });
  expect(undone).toEqual(["bucket demo"]);
});
