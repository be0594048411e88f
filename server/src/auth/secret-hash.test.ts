import { expect, it } from "vitest";
import { compareSecret, hashSecret, SecretRefusedError } from "./secret-hash.js";

it("hashes a secret that the same secret alone matches", async () => {
  const hash = await hashSecret("right", 4);
  expect(await compareSecret("right", hash)).toBe(true);
  expect(await compareSecret("wrong", hash)).toBe(false);
});

it("threat: two long secrets with one beginning; bcrypt would cut both at 72 bytes, so they are refused", async () => {
  await expect(hashSecret("a".repeat(73), 4)).rejects.toThrow(SecretRefusedError);
  await expect(hashSecret("a".repeat(73), 4)).rejects.toThrow("at most 72 bytes in UTF-8, it has 73");
});

it("does not block the event loop while it hashes", async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  await hashSecret("right", 11);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
