import { readFile } from "node:fs/promises";
import { INPUT } from "@relay/provider-schema";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { validateConfig } from "../../provider-schema/src/engine/validate-config.js";

test("every example of docs/verification.md is right", async () => {
  const text = await readFile(new URL("../../docs/verification.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```yaml\n([^`]*)```/g)].map(([, block = ""]) => block);
  // Where a manifest says where a secret is found, the server gets the secret.
  const resolved = blocks.map((block) =>
    parse(block.replaceAll(/\{ env: \w+ \}/g, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
  );
  const verifications = resolved.map(
    ({ verification, buckets }) => verification ?? buckets["shop-github"].inputs.push.verification,
  );
  const types = INPUT.attributes.verification?.kind;
  const known = types?.type === "object" && types.attributes.type?.kind;
  if (known === undefined || known === false || known.type !== "string") throw new Error("there are no types");
  expect(new Set(["none", ...verifications.map(({ type }) => type)])).toEqual(new Set(known.oneOf));
  for (const verification of verifications) {
    expect(validateConfig(INPUT.attributes, { name: "in", bucket: "b", verification })).toEqual([]);
  }
});
