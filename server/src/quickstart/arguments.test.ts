import { expect, test } from "vitest";
import { parseArguments } from "./arguments.js";

test("takes no argument, or one http or https URL", () => {
  expect(parseArguments([])).toEqual({ kind: "run", destination: undefined });
  expect(parseArguments(["http://localhost:3000/hooks"])).toMatchObject({ destination: "http://localhost:3000/hooks" });
  expect(parseArguments(["-h"])).toEqual({ kind: "help" });
});

test.each([
  ["localhost:3000/x", "Try: npm start -- http://localhost:3000/x"],
  ["ftp://host/", "is not an http or https URL"],
  ["--port", "There is no option --port"],
])("refuses %s with advice", (argument, advice) => {
  expect(parseArguments([argument])).toEqual({ kind: "wrong", message: expect.stringContaining(advice) });
});
