import { expect, it } from "vitest";
import { MemoryImage } from "./memory-image.js";

const SIZE = 4 << 20;

it("puts back what was in use, and with everything also what was not", () => {
  const memory = new Uint8Array(SIZE);
  memory.fill(1, 100, 9_000);
  memory.fill(2, 3 << 20, (3 << 20) + 50);
  const image = new MemoryImage(() => memory);
  const before = memory.slice();
  memory.fill(7);
  image.restore();
  expect(memory.subarray(0, 9_100)).toEqual(before.subarray(0, 9_100));
  expect(memory.subarray(3 << 20, (3 << 20) + 4_096)).toEqual(before.subarray(3 << 20, (3 << 20) + 4_096));
  expect(memory[1 << 20]).toBe(7);
  image.restoreAll();
  expect(Buffer.compare(memory, before)).toBe(0);
});

it("erases what a memory grew by", () => {
  let memory = new Uint8Array(SIZE);
  memory[0] = 1;
  const image = new MemoryImage(() => memory);
  memory = new Uint8Array(2 * SIZE).fill(9);
  expect(image.grown).toBe(SIZE);
  image.restoreAll();
  expect(memory.reduce((sum, byte) => sum + byte, 0)).toBe(1);
});
