import { expect, test } from "vitest";
import { serverArguments } from "./server-arguments.js";

test("no arguments run the server, --help and -h explain it", () => {
  expect(serverArguments([])).toEqual({ kind: "run" });
  expect(serverArguments(["-h"])).toEqual({ kind: "help" });
  expect(serverArguments(["--bogus", "--help"])).toEqual({ kind: "help" });
});

test("a word says what to do, and takes no arguments", () => {
  expect(serverArguments(["migrate"])).toEqual({ kind: "migrate" });
  expect(serverArguments(["health"])).toEqual({ kind: "health" });
  expect(serverArguments(["migrate", "health"])).toMatchObject({ kind: "wrong" });
});

test("anything else is refused with a hint, and without what may be a secret", () => {
  expect(serverArguments(["--bogus"])).toEqual({
    kind: "wrong",
    message:
      'relay: unknown argument "--bogus". The server knows the words migrate and health, or none to run. Settings are environment variables, as HTTP_API_PORT=8080. See --help.',
  });
  const secret = serverArguments(["ADMIN_API_SECRET=hush\nhush"]);
  expect(JSON.stringify(secret)).toContain("ADMIN_API_SECRET=…");
  expect(JSON.stringify(secret)).not.toContain("hush");
});
