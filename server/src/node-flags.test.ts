import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NODE_FLAGS } from "./node-flags.js";

test("`npm run server` starts Node with the flags that the quick start and the bench use", () => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(scripts.server).toBe(`node ${NODE_FLAGS.join(" ")} server/dist/main.js`);
});
