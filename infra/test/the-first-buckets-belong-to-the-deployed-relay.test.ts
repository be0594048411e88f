import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inventoryOf } from "./support/inventory.js";
import { sampleConfig } from "./support/sample-config.js";
import { type TranspiledProgram, transpiledProgram } from "./support/transpiled-program.js";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider: string;
}

const STACKS = fileURLToPath(new URL("../../stacks", import.meta.url));
const SDK = fileURLToPath(new URL("../../provider-schema/generated/pulumi-sdk", import.meta.url));
const SECRET = "the administrator's, of 43 characters or so";
const require = createRequire(import.meta.url);
const packageFolder = (name: string) => dirname(require.resolve(`${name}/package.json`));

let program: TranspiledProgram;
/** What the stack that deployed the relay has as outputs. */
let deployed: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  program = await transpiledProgram(join(STACKS, "first-buckets"), {
    "@relay/pulumi": SDK,
    "@pulumi/pulumi": packageFolder("@pulumi/pulumi"),
    "@pulumi/gcp": packageFolder("@pulumi/gcp"),
  });
  const { outputs } = await inventoryOf(sampleConfig("prod"));
  const known = Object.entries(outputs).map(
    async ([name, value]) =>
      [name, await (pulumi.output(value) as unknown as { promise(): unknown }).promise()] as const,
  );
  deployed = Object.fromEntries(await Promise.all(known));
}, 60_000);
afterAll(() => program?.remove());

/** Runs the program without an engine; gives what it registers and its outputs. */
async function run(
  config: Readonly<Record<string, string>> = {},
): Promise<{ made: Made[]; called: unknown[]; outputs: Record<string, unknown> }> {
  const made: Made[] = [];
  const called: unknown[] = [];
  const all = { destination: "http://ci.internal:8080/hooks", ...config };
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(all).map(([key, value]) => [`first-buckets:${key}`, value])),
  );
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider, custom }) => {
        if (type === "pulumi:pulumi:StackReference") {
          return { id: name, state: { name, outputs: deployed, secretOutputNames: [] } };
        }
        if (custom === true) made.push({ type, name, inputs, provider: provider ?? "" });
        const answered = type === "relay:index:Token" ? { secret: "the agent's" } : {};
        return { id: `${name}-id`, state: { ...inputs, ...answered, url: `https://hooks.relay.example.com/${name}` } };
      },
      call: ({ token, inputs, provider }) => {
        called.push({ token, inputs, provider });
        return { ...inputs, secretData: SECRET };
      },
    },
    "first-buckets",
    "prod",
    false,
    "organization",
  );
  const exported = program.run();
  await pulumi.runtime.disconnect();
  const outputs = await Promise.all(
    Object.entries(exported).map(async ([name, value]) => [
      name,
      await (pulumi.output(value) as unknown as { promise(): unknown }).promise(),
    ]),
  );
  return { made, called, outputs: Object.fromEntries(outputs) };
}

test("everything is declared through a provider that was given the deployed relay", async () => {
  const { made, called } = await run();
  const ofRelay = made.filter(({ type }) => type.startsWith("relay:"));
  expect(ofRelay.map(({ type }) => type).sort()).toEqual([
    "relay:index:Bucket",
    "relay:index:Input",
    "relay:index:Output",
    "relay:index:Token",
  ]);
  for (const { provider } of ofRelay) expect(provider).toContain("pulumi:providers:relay::relay::");
  for (const { provider } of made.filter(({ type }) => type.startsWith("gcp:"))) {
    expect(provider).toContain("pulumi:providers:gcp::google::");
  }
  const inputs = made.find(({ type }) => type === "pulumi:providers:relay")?.inputs;
  expect(inputs).toMatchObject({ address: "https://admin.relay.example.com", key: deployed.administratorKey });
  expect(JSON.stringify(inputs)).toContain(SECRET);
  expect(called).toEqual([
    {
      token: "gcp:secretmanager/getSecretVersionAccess:getSecretVersionAccess",
      inputs: { project: "relay-project", secret: deployed.administratorSecret },
      provider: expect.stringContaining("pulumi:providers:gcp::google::"),
    },
  ]);
});

test("the agent's token serves its bucket alone, and goes into Secret Manager write-only", async () => {
  const { made } = await run({ agentTokenVersion: "7" });
  const of = (type: string) => made.find((each) => each.type === type)?.inputs;
  expect(of("relay:index:Token")).toMatchObject({
    apiAccess: "disabled",
    scopes: { buckets: ["github"] },
    rotationTrigger: { version: "7" },
  });
  const version = of("gcp:secretmanager/secretVersion:SecretVersion");
  expect(version).toMatchObject({ secretDataWoVersion: 7, deletionPolicy: "DISABLE" });
  expect(version).not.toHaveProperty("secretData");
  expect(JSON.stringify(of("gcp:secretmanager/secret:Secret"))).toContain(deployed.secretsKey);
});

test("threat: a secret among the outputs", async () => {
  const { outputs } = await run();
  expect(outputs).toEqual({
    addresses: { push: "https://hooks.relay.example.com/push" },
    agentSecret: "relay-first-agent",
    agentUrl: "https://agents.relay.example.com",
    agentGrpcAddress: "agents.relay.example.com:443",
  });
});

test("only those who are named may read the agent's secret", async () => {
  const members = async (config: Readonly<Record<string, string>>) =>
    (await run(config)).made.flatMap(({ type, inputs }) => (type.endsWith(":SecretIamMember") ? [inputs.member] : []));
  expect(await members({})).toEqual([]);
  const member = "serviceAccount:agent@my-project.iam.gserviceaccount.com";
  expect(await members({ agentReaders: JSON.stringify([member]) })).toEqual([member]);
});
