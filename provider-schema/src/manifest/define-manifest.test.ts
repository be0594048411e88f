import { expect, test } from "vitest";
import { defineManifest } from "./define-manifest.js";

test("is the value, and the compiler knows what a manifest may be", () => {
  const manifest = defineManifest({
    manifest: 1,
    name: "shop",
    buckets: {
      github: {
        auth: { type: "basic", username: "github", password: { env: "PASSWORD" } },
        outputs: { ci: { destination: "http://localhost/", headers: { "X-A": ["1"] } } },
      },
      empty: null,
    },
    environments: {
      staging: {
        buckets: { github: { auth: null, outputs: { ci: { timeout: 5, headers: { "X-A": null } } } }, empty: null },
      },
    },
  });
  expect(Object.keys(manifest.buckets ?? {})).toEqual(["github", "empty"]);
  // @ts-expect-error an output needs a destination
  defineManifest({ manifest: 1, buckets: { a: { outputs: { b: {} } } } });
  // @ts-expect-error a misspelt attribute
  defineManifest({ manifest: 1, buckets: { a: { descriptoin: "" } } });
  // @ts-expect-error threat: a secret in the text
  defineManifest({ manifest: 1, tokens: { a: { own_secret: "secret" } } });
});
