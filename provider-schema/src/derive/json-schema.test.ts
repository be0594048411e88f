import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { SCHEMA } from "../schema.js";
import { manifestSchema } from "./json-schema.js";

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  manifestSchema(SCHEMA.resources),
);

const problems = (manifest: unknown): string[] => {
  if (validate(manifest)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

test("takes a manifest of everything", () => {
  expect(
    problems({
      manifest: 1,
      name: "payments",
      buckets: {
        github: {
          description: "pull requests",
          auth: { type: "basic", username: "github", password: { env: "GITHUB_PASSWORD" } },
          inputs: { push: null, pr: { status_code: 202, headers: { "Content-Type": ["text/plain"] } } },
          outputs: { ci: { destination: "http://ci.internal/hooks", agents: "each" } },
        },
        empty: null,
      },
      tokens: { ci: { scopes: { buckets: ["github"] }, own_secret: { file: "ci.secret" } } },
      environments: {
        staging: { buckets: { github: { outputs: { ci: { destination: "http://staging/" } } }, empty: null } },
      },
    }),
  ).toEqual([]);
});

test.each([
  [
    "a secret in the text",
    { buckets: { a: { auth: { type: "basic", password: "secret" } } } },
    "/buckets/a/auth/password",
  ],
  ["a misspelt attribute", { buckets: { a: { descriptoin: "" } } }, "/buckets/a"],
  ["an output without a destination", { buckets: { a: { outputs: { b: {} } } } }, "/buckets/a/outputs/b"],
  ["a computed attribute", { buckets: { a: { id: "x" } } }, "/buckets/a"],
  ["an argument of the providers alone", { tokens: { a: { rotation_grace: 1 } } }, "/tokens/a"],
])("threat: %s is refused", (_name, content, path) => {
  expect(problems({ manifest: 1, ...content }).join("\n")).toContain(path);
});
