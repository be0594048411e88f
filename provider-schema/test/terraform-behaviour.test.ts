import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import type { Attribute, ProviderSchema } from "../src/model.js";
import { ApiProxy } from "./support/api-proxy.js";
import { describeTerraform } from "./support/describe-engine.js";
import { freshName, makeRelayProject, PREAMBLE, type RelayProject, ref, SOURCE } from "./support/relay-terraform.js";

const DESTINATION = "http://localhost:3000/hooks";

const FOREIGN = "relay.test/webhookrelay/webhookrelay";
const text: Attribute = { kind: { type: "string" }, presence: "optional", doc: "" };

/** A provider of the same API in other words: it must be there for its state to be read. */
const FOREIGN_SCHEMA: ProviderSchema = {
  name: "webhookrelay",
  arguments: {},
  dataSources: [],
  ephemeralResources: [],
  functions: [],
  resources: [
    {
      name: "bucket",
      plural: "buckets",
      doc: "",
      importExample: "",
      attributes: {
        id: { ...text, presence: "computed" },
        name: text,
        auth: {
          kind: { type: "list", of: { type: "object", attributes: { type: text } } },
          presence: "optional",
          doc: "",
        },
      },
    },
    {
      name: "input",
      plural: "inputs",
      doc: "",
      importExample: "",
      attributes: {
        id: { ...text, presence: "computed" },
        bucket_id: text,
        name: text,
        headers: { ...text, kind: { type: "map", of: { type: "string" } } },
      },
    },
  ],
};

describeTerraform("the provider", (engine) => {
  let server: TestServer;
  let proxy: ApiProxy;
  let project: RelayProject;
  beforeAll(async () => {
    server = await runServer();
    proxy = await new ApiProxy(server.at.http).start();
  });
  afterAll(async () => {
    proxy.close();
    await server.close();
  });
  afterEach(async () => {
    proxy.verdict = () => undefined;
    await project.close();
  });
  const make = (content: object, env?: Record<string, string>) =>
    makeRelayProject(engine, server, content, { env: env ?? {} });
  const throughProxy = (content: object) => make(content, { RELAY_API_ADDRESS: proxy.address });

  test("says all that is wrong with a configuration at once, each at its attribute, before anything is done", async () => {
    project = await make({
      resource: {
        relay_input: { it: { bucket: "x", name: "y", status_code: 42, headers: { "Content-Length": ["1"] } } },
        relay_output: { it: { bucket: "x", name: "y", destination: "ftp://nowhere", timeout: 1.5 } },
        relay_bucket: { it: { name: "b", auth: { type: "secret" } } },
      },
    });
    const { exitCode, text } = await project.run(["validate", "-no-color"]);
    expect(exitCode).toBe(1);
    expect(text).toContain("status_code must be 0 (the default, answers as 200) or from 200 to 599");
    expect(text).toContain("headers must not set Content-Length, which HTTP sets itself");
    expect(text).toContain("destination must be an absolute http or https URL");
    expect(text).toContain("timeout must be an integer");
    expect(text).toContain('auth.type must be one of "none", "basic", "token"');
    const shown = JSON.parse((await project.run(["validate", "-json"])).stdout) as {
      diagnostics: { address?: string }[];
    };
    expect(shown.diagnostics.filter(({ address }) => address === "relay_output.it")).toHaveLength(2);
  });

  test("makes what refers to what is not made yet, and destroys it in the other order", async () => {
    const name = freshName("bucket");
    project = await make({
      resource: {
        relay_bucket: { it: { name } },
        relay_input: { in: { bucket: ref("relay_bucket.it.id"), name: "in", body: ref("relay_bucket.it.id") } },
        relay_output: {
          out: {
            bucket: ref("relay_bucket.it.name"),
            name: "out",
            destination: ref("relay_input.in.url"),
            headers: { "X-Input": [ref("relay_input.in.id")] },
          },
        },
        relay_token: {
          agent: {
            name,
            scopes: { buckets: [ref("relay_bucket.it.id")] },
            rotation_keepers: { in: ref("relay_input.in.id") },
          },
        },
      },
    });
    await project.apply();
    const [input, output, token] = await Promise.all(
      ["relay_input.in", "relay_output.out", "relay_token.agent"].map((address) => project.resource(address)),
    );
    expect(output).toMatchObject({ destination: input.url, headers: { "X-Input": [input.id] } });
    expect(token).toMatchObject({ scopes: { buckets: [input.bucket_id] }, rotation_keepers: { in: input.id } });
    expect((await project.plan()).actions).toEqual({});
    await project.destroy();
    expect((await server.api("GET", `/v1/buckets/${name}`)).status).toBe(404);
  });

  test("declares rules of any shape: planned, applied, planned empty, changed, imported and taken away", async () => {
    const name = freshName("rules");
    const parameter = { source: "header", name: "X-Event" };
    const push = { match: { type: "value", parameter, value: "push" } };
    // A tuple of objects of different types, with something in it that is known only once it is made.
    const secret = { match: { type: "payload-hash-sha256", parameter, secret: ref("relay_bucket.it.id") } };
    const tree = { and: [push, { or: [{ not: [push] }, { not: push }] }, secret] };
    const content = (rules: unknown) => ({
      resource: {
        relay_bucket: { it: { name } },
        relay_output: {
          out: { bucket: name, name: "out", destination: DESTINATION, rules, depends_on: ["relay_bucket.it"] },
        },
      },
    });
    const shown = async () => (await server.must("GET", `/v1/buckets/${name}/outputs/out`)).rules;
    project = await make(content(tree));
    await project.apply();
    expect((await project.plan()).actions).toEqual({});
    const { id } = await project.resource("relay_bucket.it");
    const written = { and: [...tree.and.slice(0, 2), { match: { ...secret.match, secret: id } }] };
    expect(await shown()).toEqual(written);
    await project.configure(content(push));
    expect((await project.plan()).actions).toEqual({ "relay_output.out": ["update"] });
    await project.apply();
    expect(await shown()).toEqual(push);
    await server.must("PUT", `/v1/buckets/${name}/outputs/out/rules`, { not: push });
    expect((await project.plan()).actions).toEqual({ "relay_output.out": ["update"] });

    const file = JSON.stringify(JSON.stringify({ or: [push] })).replaceAll("${", "$${");
    await project.configure(content(ref(`provider::relay::parse_output_rules(${file})`)));
    await project.apply();
    expect(await shown()).toEqual({ or: [push] });
    expect((await project.plan()).actions).toEqual({});
    await project.configure(content(null));
    await project.apply();
    expect(await shown()).toBeNull();
    expect((await project.plan()).actions).toEqual({});
  }, 120_000);

  test("names the node of rules that are wrong, in a configuration and in the text of a function", async () => {
    const tree = { and: [{ or: [{ match: { type: "regex", parameter: { source: "body" }, regex: "(a" } }] }] };
    project = await make({
      resource: { relay_output: { it: { bucket: "x", name: "y", destination: DESTINATION, rules: tree } } },
    });
    const { exitCode, text } = await project.run(["validate", "-no-color"]);
    expect(exitCode).toBe(1);
    expect(text).toMatch(
      /rules\.?(\.and)?\[?"?(and)?"?\]?\[0\].*or.*\[0\].*match.*regex[\s\S]*is no regular expression/,
    );
    const file = JSON.stringify(JSON.stringify(tree));
    await project.configure({ output: { rules: { value: ref(`provider::relay::parse_output_rules(${file})`) } } });
    const called = await project.run(["plan", "-no-color"]);
    expect(called.exitCode).toBe(1);
    expect(called.text.replace(/\s*│?\s+/g, " ")).toContain("rules.and[0].or[0].match.regex is no regular expression");
  });

  test("keeps what belongs to a bucket when the bucket is renamed, whichever way it is referred to", async () => {
    const name = freshName("bucket");
    const content = (bucket: string, reference: string) => ({
      resource: { relay_bucket: { it: { name: bucket } }, relay_input: { in: { bucket: reference, name: "in" } } },
    });
    project = await make(content(name, ref("relay_bucket.it.name")));
    await project.apply();
    const before = await project.resource("relay_input.in");
    await project.configure(content(name, ref("relay_bucket.it.id")));
    expect((await project.plan()).actions).toEqual({});
    await project.configure(content(`${name}-renamed`, ref("relay_bucket.it.id")));
    expect((await project.plan()).actions).toEqual({ "relay_bucket.it": ["update"] });
    await project.apply();
    expect((await project.resource("relay_input.in")).id).toBe(before.id);
    expect((await project.plan()).actions).toEqual({});
  });

  test("a bucket with more in it than terraform knows is not destroyed, and it is said what to do", async () => {
    const name = freshName("bucket");
    project = await make({ resource: { relay_bucket: { it: { name } } } });
    await project.apply();
    const { id } = await server.must("POST", `/v1/buckets/${name}/inputs`, { name: "foreign" });
    const refused = await project.run(["destroy", "-auto-approve", "-no-color"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.text).toMatch(/still has 1 inputs? and 0 outputs.*Delete them first/);
    expect(await project.resource("relay_bucket.it")).toMatchObject({ name });
    await server.must("DELETE", `/v1/buckets/${name}/inputs/${id}`);
    await project.destroy();
  });

  test("has data sources", async () => {
    const name = freshName("bucket");
    project = await make({
      resource: {
        relay_bucket: { it: { name, description: "read" } },
        relay_input: { in: { bucket: ref("relay_bucket.it.id"), name: "in" } },
        relay_output: { out: { bucket: ref("relay_bucket.it.id"), name: "out", destination: DESTINATION } },
        relay_token: { it: { name } },
      },
      data: {
        relay_bucket: { it: { name: ref("relay_bucket.it.name"), depends_on: ["relay_output.out", "relay_input.in"] } },
        relay_input: { in: { bucket: name, name: "in", depends_on: ["relay_input.in"] } },
        relay_tokens: { all: { depends_on: ["relay_token.it"] } },
        relay_server: { this: {} },
      },
      output: {
        bucket: { value: ref("data.relay_bucket.it") },
        input: { value: ref("data.relay_input.in") },
        tokens: { value: ref("data.relay_tokens.all.tokens") },
        server: { value: ref("data.relay_server.this") },
        url: { value: ref("provider::relay::input_url(data.relay_server.this.public_url, relay_input.in.id)") },
      },
    });
    await project.apply();
    const { bucket, input, tokens, server: told, url } = await project.outputs();
    expect(bucket).toMatchObject({ name, description: "read", managed_by: "terraform" });
    expect(bucket.inputs).toMatchObject([{ name: "in", url }]);
    expect(bucket.outputs).toMatchObject([{ name: "out", destination: DESTINATION }]);
    expect(input).toMatchObject({ name: "in", bucket: name, url });
    expect(tokens).toContainEqual(expect.objectContaining({ name }));
    expect(JSON.stringify(tokens)).not.toMatch(/secret|hash/);
    const { version } = await server.must("GET", "/v1/version");
    expect(told.version).toBe(version);
    expect((await project.plan()).changes).toBe(false);
  });

  test("names what a data source does not find", async () => {
    project = await make({ data: { relay_bucket: { it: { name: "no-such-bucket" } } } });
    const { exitCode, text } = await project.tryPlan();
    expect(exitCode).toBe(1);
    expect(text).toContain('There is no bucket "no-such-bucket"');
  });

  test("has a function that needs no server, and says which argument is wrong", async () => {
    const id = "0b1e2c3d-0000-4000-8000-000000000001";
    const content = (argument: string) => ({
      output: { url: { value: ref(`provider::relay::input_url("https://hooks.example.com/", "${argument}")`) } },
    });
    project = await make(content(id));
    await project.apply();
    expect(await project.outputs()).toEqual({ url: `https://hooks.example.com/v1/webhooks/${id}` });
    await project.configure(content("push"));
    const { exitCode, text } = await project.tryPlan();
    expect(exitCode).toBe(1);
    expect(text).toMatch(/input_id.*must be the id of an input, not its name/);
  });

  test("takes over what another provider of the API has in the state", async () => {
    const name = freshName("bucket");
    const bucket = await server.must("POST", "/v1/buckets", { name, description: "old", default_input: false });
    const input = await server.must("POST", `/v1/buckets/${bucket.id}/inputs`, { name: "in" });
    const content = {
      terraform: { required_providers: { relay: { source: SOURCE }, webhookrelay: { source: FOREIGN } } },
      resource: {
        relay_bucket: { it: { name, description: "old" } },
        relay_input: { in: { bucket: ref("relay_bucket.it.id"), name: "in" } },
      },
      moved: [
        { from: "webhookrelay_bucket.it", to: "relay_bucket.it" },
        { from: "webhookrelay_input.in", to: "relay_input.in" },
      ],
    };
    project = await makeRelayProject(engine, server, content, { others: { [FOREIGN]: FOREIGN_SCHEMA } });
    const foreign = (type: string, own: string, attributes: object) => ({
      mode: "managed",
      type,
      name: own,
      provider: `provider["${FOREIGN}"]`,
      instances: [{ schema_version: 0, attributes, sensitive_attributes: [] }],
    });
    await project.write("terraform.tfstate", {
      version: 4,
      terraform_version: "1.11.4",
      serial: 1,
      lineage: "00000000-0000-0000-0000-000000000001",
      outputs: {},
      resources: [
        foreign("webhookrelay_bucket", "it", {
          id: bucket.id,
          name,
          auth: [{ type: "none" }],
        }),
        foreign("webhookrelay_input", "in", { id: input.id, bucket_id: bucket.id, name: "in", headers: null }),
      ],
    });
    const plan = await project.plan();
    expect(plan.actions).toEqual({});
    await project.apply(plan);
    expect(await project.resource("relay_bucket.it")).toMatchObject({ id: bucket.id, description: "old" });
    expect((await project.plan()).changes).toBe(false);
  });

  test("reads states of other versions: of one that knew less, and of one that knew more", async () => {
    const name = freshName("token");
    project = await make({ resource: { relay_token: { it: { name } } } });
    await project.apply();
    const state = JSON.parse(await project.stateText());
    const { attributes } = state.resources[0].instances[0];
    delete attributes.rotation_grace;
    delete attributes.scopes.tunnels;
    attributes.invented_later = { a: 1 };
    state.serial += 1;
    await project.write("terraform.tfstate", state);
    expect((await project.plan()).actions).toEqual({});
  });

  test("says what is missing, and where it can be written", async () => {
    project = await make({ resource: { relay_bucket: { it: { name: "x" } } } }, { RELAY_SECRET: "", RELAY_KEY: "" });
    const { exitCode, text } = await project.tryPlan();
    expect(exitCode).toBe(1);
    expect(text).toContain("key is not set: write it in the provider block, or set RELAY_KEY");
    expect(text).toContain("secret is not set: write it in the provider block, or set RELAY_SECRET");
  });

  test("plans while its own address is still unknown, as of a server that is made in the same run", async () => {
    const name = freshName("bucket");
    project = await make({});
    await project.write("main.tf.json", {
      ...PREAMBLE,
      provider: {
        relay: { address: ref("terraform_data.address.output"), key: server.adminKey, secret: server.adminSecret },
      },
      resource: { terraform_data: { address: { input: server.at.http } }, relay_bucket: { it: { name } } },
    });
    await project.apply();
    expect(await project.resource("relay_bucket.it")).toMatchObject({ name });
    expect((await project.plan()).actions).toEqual({});
  });

  test("threat: the secret does not cross a network in the clear", async () => {
    project = await make(
      { resource: { relay_bucket: { it: { name: "x" } } } },
      { RELAY_API_ADDRESS: "http://relay.example.com" },
    );
    const { exitCode, text } = await project.tryPlan();
    expect(exitCode).toBe(1);
    expect(text).toContain("is plain http: the secret would cross the network in the clear; use https");
    expect(text).not.toContain(server.adminSecret);
  });

  test("waits while the server is busy, and says who does not let it in", async () => {
    const name = freshName("bucket");
    project = await throughProxy({ resource: { relay_bucket: { it: { name } } } });
    let busy = 2;
    proxy.verdict = (method) => {
      busy -= 1;
      return method === "POST" && busy >= 0 ? { status: 429, retryAfter: "0" } : undefined;
    };
    await project.apply();
    expect(busy).toBeLessThan(0);
    proxy.verdict = () => ({ status: 401 });
    const { text } = await project.tryPlan();
    expect(text).toContain("The server does not accept this key and secret");
  });

  test("ends at an interrupt although the server is busy, and what was made is in the state", async () => {
    const name = freshName("bucket");
    project = await throughProxy({
      resource: {
        relay_bucket: { it: { name } },
        relay_input: { in: { bucket: ref("relay_bucket.it.id"), name: "in" } },
      },
    });
    const asked = new Promise<void>((resolve) => {
      proxy.verdict = (_, path) => {
        if (!path.endsWith("/inputs")) return undefined;
        resolve();
        return { status: 503, retryAfter: "60" };
      };
    });
    const running = project.start(["apply", "-auto-approve", "-no-color"], { timeoutMs: 20_000 });
    await asked;
    running.kill("SIGINT");
    const { exitCode, text } = await running.done;
    expect(exitCode).toBe(1);
    expect(text).toContain("was interrupted");
    proxy.verdict = () => undefined;
    const plan = await project.plan();
    expect(plan.actions).toEqual({ "relay_input.in": ["create"] });
    await project.apply(plan);
    expect((await project.plan()).actions).toEqual({});
  });

  test("makes a hundred objects, ten at once", async () => {
    const name = freshName("many");
    project = await make({
      resource: {
        relay_bucket: { it: { name } },
        relay_output: {
          each: {
            count: 100,
            bucket: ref("relay_bucket.it.id"),
            name: `${ref("count.index")}`,
            destination: DESTINATION,
          },
        },
      },
    });
    await project.apply(undefined, ["-parallelism=10"]);
    expect((await server.must("GET", `/v1/buckets/${name}`)).outputs).toHaveLength(100);
    expect((await project.plan()).actions).toEqual({});
    await project.destroy(["-parallelism=10"]);
  });

  test("takes a value that is larger than what gRPC takes by default", async () => {
    project = await make({
      resource: { relay_input: { it: { bucket: "x", name: "y", body: "x".repeat(5_000_000) } } },
    });
    const { exitCode, text } = await project.run(["validate", "-no-color"]);
    expect(exitCode).toBe(1);
    expect(text).toContain("body must have at most 65536 bytes, it has 5000000");
  });

  test("writes a log under TF_LOG without a secret in it", async () => {
    const name = freshName("bucket");
    project = await make({ resource: { relay_bucket: { it: { name } } } });
    await project.apply(undefined, [], { env: { TF_LOG: "trace", TF_LOG_PATH: "all.log" } });
    const log = await readFile(join(project.folder, "all.log"), "utf8");
    expect(log).not.toContain(server.adminSecret);
  });
});
