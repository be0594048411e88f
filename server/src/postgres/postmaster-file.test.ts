import { expect, test } from "vitest";
import { parsePostmasterFile } from "./postmaster-file.js";

const FILE = "4711\n/data/cluster\n1763942400\n5432\n/data/socket\n\n  1234 5\nready   \n";

test("reads pid, port and socket folder", () => {
  expect(parsePostmasterFile(FILE)).toEqual({ pid: 4711, port: 5432, host: "/data/socket" });
});

test("takes the listen address where there is no Unix socket", () => {
  expect(parsePostmasterFile(FILE.replace("/data/socket\n\n", "\n127.0.0.1\n"))?.host).toBe("127.0.0.1");
});

test.each(["", "\n", "4711\n/data/cluster\n", "none\n\n\n5432\n/s\n"])("knows a half-written file: %j", (text) => {
  expect(parsePostmasterFile(text)).toBeUndefined();
});
