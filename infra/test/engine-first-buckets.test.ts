import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { makePulumiProject, type PulumiProject } from "../../provider-schema/test/support/pulumi-project.js";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";

const STACK = join(fileURLToPath(new URL("../../stacks", import.meta.url)), "first-buckets");
const PROVIDER_FOLDER = fileURLToPath(new URL("../../provider-schema/bin", import.meta.url));
const SDK_FOLDER = fileURLToPath(new URL("../../provider-schema/generated/pulumi-sdk", import.meta.url));
const SECRET_MANAGER = fileURLToPath(new URL("support/secret-manager", import.meta.url));
const require = createRequire(import.meta.url);
const ADMINISTRATOR = "projects/relay-project/secrets/relay-prod-administrator";
const AGENT = "projects/relay-project/secrets/relay-first-agent";

/** The outputs of the stack that deployed the server, those that this one reads. */
function deployed(server: TestServer): Record<string, string> {
  return {
    apiUrl: server.at.http,
    agentUrl: "https://agents.relay.example.com",
    agentGrpcAddress: "agents.relay.example.com:443",
    administratorKey: server.adminKey,
    administratorSecret: "relay-prod-administrator",
    project: "relay-project",
    region: "europe-west3",
    secretsKey: "projects/relay-project/locations/europe-west3/keyRings/relay/cryptoKeys/relay-secrets",
  };
}

describePulumi("the first buckets", (engine) => {
  let server: TestServer;
  let infrastructure: PulumiProject;
  let project: PulumiProject;
  let secretsFile: string;

  const secrets = async (name: string): Promise<string[]> =>
    JSON.parse(await readFile(secretsFile, "utf8"))[name] ?? [];
  const token = async (): Promise<{ key: string; secret: string }> => JSON.parse((await secrets(AGENT)).at(-1) ?? "");
  const logsIn = async ({ key, secret }: { key: string; secret: string }): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
    // Answered 403 by who is known and may not use the API, and 401 by who is not.
    return (await fetch(`${server.at.http}/v1/buckets`, { headers: { authorization } })).status;
  };

  beforeAll(async () => {
    server = await runServer();
    infrastructure = await makePulumiProject(engine, {
      program: `module.exports = ${JSON.stringify(deployed(server))};`,
    });
    // Both stacks are in one backend, as a team has it: the name of the test's project is for the other one.
    await infrastructure.must(["stack", "rm", "test", "--yes"]);
    await infrastructure.write("Pulumi.yaml", JSON.stringify({ name: "relay", runtime: "nodejs", main: "index.js" }));
    await infrastructure.must(["stack", "init", "prod"]);
    await infrastructure.must(["up", "--stack=prod", "--yes", "--skip-preview"]);

    secretsFile = join(infrastructure.folder, "secrets.json");
    await writeFile(secretsFile, JSON.stringify({ [ADMINISTRATOR]: [server.adminSecret] }), { mode: 0o600 });
    const files = readdirSync(STACK).filter((name) => name.endsWith(".ts"));
    project = await makePulumiProject(engine, {
      program: Object.fromEntries(files.map((name) => [name, readFileSync(join(STACK, name), "utf8")])),
      providers: { relay: PROVIDER_FOLDER, gcp: SECRET_MANAGER },
      packages: {
        "@relay/pulumi": SDK_FOLDER,
        "@pulumi/gcp": dirname(require.resolve("@pulumi/gcp/package.json")),
      },
      env: {
        // Where the other stack's state is.
        PULUMI_BACKEND_URL: infrastructure.env.PULUMI_BACKEND_URL ?? "",
        STAND_IN_SECRETS: secretsFile,
      },
    });
    await project.config("infrastructure", "organization/relay/prod");
    await project.config("destination", "http://ci.internal:8080/hooks");
    await project.config("agentReaders", '["serviceAccount:agent@relay-project.iam.gserviceaccount.com"]');
  }, 120_000);
  afterAll(async () => {
    await project?.close();
    await infrastructure?.close();
    await server?.close();
  });

  test("are declared on the server that the other stack deployed, and a webhook is taken", async () => {
    await project.up();
    await project.up(["--expect-no-changes"]);
    const outputs = await project.outputs();
    expect(outputs).toEqual({
      addresses: { push: expect.stringContaining("/v1/webhooks/") },
      agentSecret: "relay-first-agent",
      agentUrl: "https://agents.relay.example.com",
      agentGrpcAddress: "agents.relay.example.com:443",
    });
    const path = new URL(outputs.addresses.push).pathname;
    expect((await fetch(server.at.http + path, { method: "POST", body: "{}" })).status).toBe(202);
  }, 120_000);

  test("threat: an agent's token that may do more than serve its bucket", async () => {
    const given = await token();
    expect(await logsIn(given)).toBe(403);
    const known = await server.must("GET", `/v1/tokens/${given.key}`);
    expect(known).toMatchObject({ name: "first-agent", api_access: "disabled" });
    expect(known.scopes.buckets).toHaveLength(1);
  });

  test("threat: a secret that can be read in the state or is shown as an output", async () => {
    const given = await token();
    const state = await infrastructure.stateText();
    // It is the right state, and the secrets are in it as what nobody can read.
    expect(state).toContain("first-agent");
    expect(state).toContain("ciphertext");
    for (const secret of [server.adminSecret, given.secret]) {
      expect(state).not.toContain(secret);
      expect(state).not.toContain(Buffer.from(secret).toString("base64"));
      expect(JSON.stringify(await project.outputs())).not.toContain(secret);
    }
  });

  test("a counted-up version gives the agents a new secret, and leaves the one before its hour", async () => {
    const before = await token();
    await project.config("agentTokenVersion", "2");
    await project.up();
    const after = await token();
    expect(after.key).toBe(before.key);
    expect(after.secret).not.toBe(before.secret);
    expect([await logsIn(after), await logsIn(before)]).toEqual([403, 403]);
    expect(await secrets(AGENT)).toHaveLength(2);
    await project.up(["--expect-no-changes"]);
  }, 120_000);

  test("say what is missing when the other stack is not up to date", async () => {
    await project.config("infrastructure", "organization/relay/gone");
    const { exitCode, text } = await project.run(["preview", "--stack=test"]);
    expect(exitCode).not.toBe(0);
    expect(text).toContain("organization/relay/gone");
    await project.config("infrastructure", "organization/relay/prod");
  }, 120_000);
});
