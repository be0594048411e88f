import { expect, test } from "vitest";
import { hideSecretArgument } from "./secret-argument.js";

test.each([
  [
    ["run", "-k", "key", "-s", "hunter2", "-b", "demo"],
    ["run", "-k", "key", "-s", "***", "-b", "demo"],
  ],
  [
    ["login", "--secret", "hunter2"],
    ["login", "--secret", "***"],
  ],
  [
    ["login", "--secret=hunter2"],
    ["login", "--secret=***"],
  ],
  [
    ["login", "-shunter2\nx"],
    ["login", "-s***"],
  ],
])("the secret of %j is hidden", (argv, shown) => {
  expect(hideSecretArgument(argv)).toEqual(shown);
});

test.each([[["run", "-b", "demo"]], [["login", "--secret-stdin"]], [["logs", "--status", "sent"]], [[]]])(
  "%j holds none",
  (argv) => {
    expect(hideSecretArgument(argv)).toBeNull();
  },
);
