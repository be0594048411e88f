import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { text as readAll } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listenOnLoopback } from "../../../server/test/support/listen-on-loopback.js";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { ManifestProgram } from "./support/manifest-program.js";

const PASSWORD = "correct-horse-battery";
const OWN_SECRET = "own-Secret-0123456789-abcdefghijklmn";

const MANIFEST = `manifest: 1
name: shop
buckets:
  github:
    description: pull requests
    auth: { type: basic, username: github, password: { env: GITHUB_PASSWORD } }
    inputs:
      push: { status_code: 202, body: "one\\ntwo\\n" }
    outputs:
      ci: { destination: "http://ci.internal/hooks", headers: { X-A: ["1"] } }
tokens:
  ci:
    scopes: { buckets: [github] }
    own_secret: { file: own.txt }
environments:
  staging:
    buckets: { github: { outputs: { ci: { destination: "http://staging.internal/hooks" } } } }
`;

let server: TestServer;
let program: ManifestProgram;
let manifest: string;

beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server?.close());
beforeEach(() => {
  program = new ManifestProgram(server);
  manifest = program.write("relay.yaml", MANIFEST);
  program.write("own.txt", `${OWN_SECRET}\n`);
});
/** Leaves the server as it was at its start. */
afterEach(async () => {
  program.remove();
  for (const { id } of await server.must("GET", "/v1/buckets")) {
    await server.must("DELETE", `/v1/buckets/${id}?force=true`);
  }
  for (const { id } of await server.must("GET", "/v1/tokens")) {
    if (id !== server.adminKey) await server.must("DELETE", `/v1/tokens/${id}`);
  }
  for (const { name } of await server.must("GET", "/v1/manifests")) {
    await server.must("DELETE", `/v1/manifests/${name}`);
  }
});

const secrets = { GITHUB_PASSWORD: PASSWORD };

/** Everything that exists, as the server exports it. */
const world = async (): Promise<string> => JSON.stringify(await server.must("GET", "/v1/export"));

async function applied(more: readonly string[] = []): Promise<void> {
  const done = await program.run(["apply", "-f", manifest, "--auto-approve", ...more], secrets);
  expect(done.stderr).toBe("");
  expect(done.code).toBe(0);
}

test("validate, plan, apply, plan again, change, diff, export: the whole way", async () => {
  expect(await program.run(["validate", "-f", manifest])).toEqual({
    code: 0,
    stdout: "The manifest is valid with its environments staging.\n",
    stderr: "",
  });
  const before = await world();

  const plan = await program.run(["plan", "-f", manifest], secrets);
  expect(plan.stderr).toBe("");
  expect(plan.code).toBe(2);
  expect(plan.stdout).toContain(`+ bucket/github
    + description: "pull requests"
    + auth.type: "basic"
    + auth.username: "github"
    + auth.password: (secret)
`);
  expect(plan.stdout).toContain('+ headers.X-A: ["1"]');
  expect(plan.stdout).toMatch(/\nPlan: 4 to create, 0 to change, 0 to replace, 0 to delete, 0 to adopt\.\n$/);
  expect(await world()).toBe(before);

  const apply = await program.run(["apply", "-f", manifest, "--auto-approve"], secrets);
  expect(apply.code).toBe(0);
  expect(apply.stdout).toContain(plan.stdout.trim());
  expect(apply.stdout).toMatch(/\nApplied: 4 created, 0 changed, /);

  const again = await program.run(["plan", "-f", manifest], secrets);
  expect(again).toEqual({ code: 0, stdout: "No changes: everything is as the manifest says.\n", stderr: "" });

  const staging = await program.run(["diff", "-f", manifest, "-e", "staging"], secrets);
  expect(staging.code).toBe(2);
  expect(staging.stdout).toBe(`~ output/github/ci
    ~ destination: "http://ci.internal/hooks" -> "http://staging.internal/hooks"

Plan: 0 to create, 1 to change, 0 to replace, 0 to delete, 0 to adopt.
`);

  // The secrets are those that were given.
  const [{ inputs }] = await server.must("GET", "/v1/buckets");
  const post = (password: string) =>
    fetch(`${server.at.http}/v1/webhooks/${inputs[0].id}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`github:${password}`).toString("base64")}` },
    });
  expect((await post("wrong")).status).toBe(401);
  expect((await post(PASSWORD)).status).toBe(202);
});

test("drift is told by name alone", async () => {
  await applied();
  expect((await program.run(["diff", "shop"])).code).toBe(0);
  const [bucket] = await server.must("GET", "/v1/buckets");
  await server.must("PUT", `/v1/buckets/${bucket.id}`, { description: "by hand" });
  const drift = await program.run(["diff", "shop", "--json"]);
  expect(drift.code).toBe(2);
  expect(JSON.parse(drift.stdout)).toMatchObject({
    manifest: "shop",
    summary: { update: 1 },
    changes: [
      {
        action: "update",
        resource: "bucket",
        path: ["github"],
        attributes: [{ path: "description", before: "by hand", after: "pull requests" }],
      },
    ],
  });
  expect((await program.run(["diff", "nobody"])).code).toBe(1);
});

test("exit codes: 2 of plan and diff means changes and nothing else", async () => {
  for (const args of [
    ["plan", "--bogus"],
    ["plan"],
    ["plan", "-f", program.path("nowhere.yaml")],
    ["plan", "-f", manifest, "--json", "--markdown"],
    ["plan", "-f", program.write("broken.yaml", "manifest: 2")],
    ["plan", "-f", manifest, "-e", "nowhere"],
    ["plan", "-f", manifest, "--name", "Not A Name"],
    ["diff"],
    ["diff", "shop", "-f", manifest],
    ["diff", "shop", "-e", "staging"],
    ["--server", server.at.http, "diff", "--bogus"],
  ]) {
    expect([args, (await program.run(args, secrets)).code]).toEqual([args, 1]);
  }
  expect((await program.run(["apply", "--bogus"])).code).toBe(2);
  expect((await program.run(["plan", "-f", manifest], { ...secrets, RELAY_SECRET: "wrong" })).code).toBe(3);
  expect(
    (await program.run(["plan", "-f", manifest], { ...secrets, RELAY_API_ADDRESS: "http://127.0.0.1:1" })).code,
  ).toBe(4);
});

test("what the server objects to is told with its place in the file", async () => {
  await server.must("POST", "/v1/buckets", { name: "github" });
  const refused = await program.run(["plan", "-f", manifest], secrets);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`${manifest}:4:3: buckets.github: exists already and is managed by people`);
  expect(refused.stderr).toContain("adopting with --adopt bucket/github");
});

test("takes over what others made, when told to", async () => {
  await server.must("POST", "/v1/buckets", { name: "github", default_input: false });
  const plan = await program.run(["plan", "-f", manifest, "--adopt", "bucket/github"], secrets);
  expect(plan.code).toBe(2);
  expect(plan.stdout).toContain("<= bucket/github  # taken over from people\n");
  expect(plan.stdout).toContain("1 to adopt.");
  await applied(["--adopt", "*"]);
  expect((await program.run(["plan", "-f", manifest], secrets)).code).toBe(0);
  expect((await server.must("GET", "/v1/buckets"))[0].managed_by).toBe("manifest/shop");
});

test("undelivered webhooks are lost only when told to", async () => {
  const simple = program.write("simple.yaml", {
    manifest: 1,
    name: "simple",
    buckets: { a: { inputs: { in: {} }, outputs: { out: { destination: "http://localhost:1/" } } } },
  });
  await program.run(["apply", "-f", simple, "--auto-approve"]);
  const [{ inputs }] = await server.must("GET", "/v1/buckets");
  expect((await fetch(`${server.at.http}/v1/webhooks/${inputs[0].id}`, { method: "POST", body: "x" })).status).toBe(
    200,
  );
  program.write("simple.yaml", { manifest: 1, name: "simple" });
  const refused = await program.run(["plan", "-f", simple]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--allow-undelivered-loss")]);
  const plan = await program.run(["plan", "-f", simple, "--allow-undelivered-loss"]);
  expect(plan.stdout).toContain("- bucket/a  # 1 undelivered webhook is lost\n");
  expect((await program.run(["apply", "-f", simple, "--auto-approve", "--allow-undelivered-loss"])).code).toBe(0);
  expect(await server.must("GET", "/v1/buckets")).toEqual([]);
});

describe("a kept plan", () => {
  test("is applied as it was reviewed, without asking", async () => {
    const out = program.path("plan.json");
    expect((await program.run(["plan", "-f", manifest, "-e", "staging", "-o", out], secrets)).code).toBe(2);
    const done = await program.run(["apply", "-f", manifest, "--plan", out], secrets);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect((await program.run(["plan", "-f", manifest, "-e", "staging"], secrets)).code).toBe(0);
  });

  test("is refused when the world or the manifest is another one, and nothing is done", async () => {
    const out = program.path("plan.json");
    await program.run(["plan", "-f", manifest, "-o", out], secrets);
    await server.must("POST", "/v1/tokens", { name: "ci", description: "by hand" });
    const before = await world();
    const moved = await program.run(["apply", "-f", manifest, "--plan", out], secrets);
    expect(moved.code).toBe(1);
    expect(await world()).toBe(before);

    program.write(
      "relay.yaml",
      MANIFEST.replace("pull requests", "something else").replace(/tokens:[\s\S]*environments/, "environments"),
    );
    const changed = await program.run(["apply", "-f", manifest, "--plan", out], secrets);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain("not applied: the plan is another one now");
    expect(changed.stdout).toContain('"something else"');
    expect(await world()).toBe(before);
  });

  test("that is none is refused", async () => {
    for (const text of ["{", "{}", "[]", '{"version": 1}']) {
      const refused = await program.run(
        ["apply", "-f", manifest, "--plan", program.write("no-plan.json", text)],
        secrets,
      );
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/plan/)]);
    }
  });
});

test("threat: without a terminal nobody has agreed to anything", async () => {
  const before = await world();
  expect((await program.run(["apply", "-f", manifest, "--json"], secrets, "yes\n")).code).toBe(2);
  const refused = await program.run(["apply", "-f", manifest], secrets, "yes\n");
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("give --auto-approve")]);
  expect(await world()).toBe(before);
});

test("threat: an agreed plan is not made when the world moves before it arrives", async () => {
  await applied();
  program.write(
    "relay.yaml",
    `${MANIFEST.replace("pull requests", "declared")}\n`.replace("  ci:\n    scopes", "  more: {}\n  ci:\n    scopes"),
  );
  const [bucket] = await server.must("GET", "/v1/buckets");
  // Whoever changes the bucket between the plan and the apply.
  const between = await listenOnLoopback(
    createServer(async (request, response) => {
      if (request.url?.endsWith("/apply"))
        await server.must("PUT", `/v1/buckets/${bucket.id}`, { description: "by hand" });
      const { authorization = "", "content-type": type = "" } = request.headers;
      const answer = await fetch(`${server.at.http}${request.url}`, {
        method: request.method ?? "GET",
        headers: { authorization, "content-type": type },
        ...(request.method === "POST" ? { body: await readAll(request) } : {}),
      });
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    }),
  );
  try {
    const env = { ...secrets, RELAY_API_ADDRESS: between.url };
    const out = program.path("secrets.json");
    const moved = await program.run(["apply", "-f", manifest, "--auto-approve", "--secrets-out", out], env);
    expect(moved.code).toBe(1);
    expect(moved.stdout).toContain('~ description: "pull requests" -> "declared"');
    expect(moved.stdout).toContain('~ description: "by hand" -> "declared"');
    expect(moved.stderr).toContain("not applied: the plan is another one now");
    expect((await server.must("GET", `/v1/buckets/${bucket.id}`)).description).toBe("by hand");
    expect(readdirSync(program.directory).filter((name) => name.startsWith("secrets"))).toEqual([]);
  } finally {
    await between.stop();
  }
});

describe("secrets of new tokens", () => {
  beforeEach(() => {
    manifest = program.write("tokens.yaml", { manifest: 1, name: "shop", tokens: { ci: {}, agent: {} } });
  });

  test("want a place before anything is made", async () => {
    const before = await world();
    const refused = await program.run(["apply", "-f", manifest, "--auto-approve"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--secrets-out FILE")]);
    const taken = program.write("taken.json", "{}");
    expect((await program.run(["apply", "-f", manifest, "--auto-approve", "--secrets-out", taken])).code).toBe(2);
    const nowhere = program.path("nowhere/secrets.json");
    expect((await program.run(["apply", "-f", manifest, "--auto-approve", "--secrets-out", nowhere])).code).toBe(1);
    expect(await world()).toBe(before);
  });

  test("go to a file of this user, and open the server; a later apply needs none", async () => {
    const out = program.path("secrets.json");
    const done = await program.run(["apply", "-f", manifest, "--auto-approve", "--secrets-out", out]);
    expect(done.code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(readFileSync(out, "utf8")) as Record<string, { key: string; secret: string }>;
    expect(Object.keys(kept).sort()).toEqual(["agent", "ci"]);
    for (const { key, secret } of Object.values(kept)) {
      expect(`${done.stdout}${done.stderr}`).not.toContain(secret);
      // These tokens may not use the management API: known, and not allowed.
      const env = { RELAY_KEY: key, RELAY_SECRET: secret };
      expect((await program.run(["plan", "-f", manifest], env)).stderr).toContain("this token may not do that");
    }
    const again = program.path("again.json");
    expect((await program.run(["apply", "-f", manifest, "--auto-approve", "--secrets-out", again])).code).toBe(0);
    expect(existsSync(again)).toBe(false);
  });

  test("are printed when asked for", async () => {
    const done = await program.run(["apply", "-f", manifest, "--auto-approve", "--show-secrets", "--json"]);
    expect(done.code).toBe(0);
    const { plan, secrets: shown } = JSON.parse(done.stdout);
    expect(plan.summary).toMatchObject({ create: 2 });
    expect(shown.ci).toEqual({ key: expect.any(String), secret: expect.any(String) });
  });
});

test("threat: no secret in arguments, output, kept plans or the server's answers", async () => {
  const out = program.path("plan.json");
  const seen: string[] = [];
  for (const args of [
    ["plan", "-f", manifest, "-o", out],
    ["plan", "-f", manifest, "--json"],
    ["plan", "-f", manifest, "--markdown"],
    ["apply", "-f", manifest, "--auto-approve", "--json"],
    ["diff", "shop", "--json"],
    ["export"],
    ["export", "--format", "json"],
  ]) {
    const started = program.start(args, secrets);
    expect(started.child.spawnargs.join(" ")).not.toMatch(/correct-horse|own-Secret/);
    await started.exited;
    seen.push(started.stdout(), started.stderr());
  }
  seen.push(readFileSync(out, "utf8"), server.output);
  for (const text of seen) {
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(OWN_SECRET);
  }
});

test("what is missing is told at once, before the server is asked", async () => {
  const refused = await program.run(["plan", "-f", manifest], { RELAY_API_ADDRESS: "http://127.0.0.1:1" });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("buckets.github.auth.password: needs the environment variable GITHUB_PASSWORD");
});

describe("export", () => {
  test("is a manifest that changes nothing", async () => {
    await applied();
    for (const format of ["yaml", "json"]) {
      const out = program.path(`exported.${format}`);
      const done = await program.run(["export", "--manifest", "shop", "--format", format, "-o", out]);
      expect(done.code).toBe(0);
      expect(done.stderr).toContain(
        "buckets.github.auth.password is a secret: supply it as RELAY_GITHUB_AUTH_PASSWORD",
      );
      const plan = await program.run(["plan", "-f", out], {
        RELAY_GITHUB_AUTH_PASSWORD: PASSWORD,
        RELAY_CI_OWN_SECRET: OWN_SECRET,
      });
      expect(plan).toEqual({ code: 0, stdout: "No changes: everything is as the manifest says.\n", stderr: "" });
    }
  });

  test("holds what people made, too, and is the same every time", async () => {
    await server.route();
    await applied();
    const [first, second] = [await program.run(["export"]), await program.run(["export"])];
    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(first.stdout).toMatch(/bucket-[0-9a-f]{8}:/);
    const own = await program.run(["export", "--manifest", "shop"]);
    expect(own.stdout).not.toMatch(/bucket-[0-9a-f]{8}:/);
  });
});

test("a comment for a pull request", async () => {
  const plan = await program.run(["plan", "-f", manifest, "-e", "staging", "--markdown"], secrets);
  expect(plan.code).toBe(2);
  expect(plan.stdout.split("\n")[0]).toBe("<!-- relay-plan: shop/staging -->");
  expect(plan.stdout).toContain('```diff\n+ description: "pull requests"\n');
});

test("colours: on demand, and never when --no-color says so", async () => {
  const env = { ...secrets, FORCE_COLOR: "1" };
  expect((await program.run(["plan", "-f", manifest], env)).stdout).toContain("\u001b[");
  expect((await program.run(["plan", "-f", manifest, "--no-color"], env)).stdout).not.toContain("\u001b[");
});

test("a manifest from standard input, and a name by flag", async () => {
  const plan = await program.run(["plan", "-f", "-", "--name", "piped"], {}, '{"manifest": 1, "buckets": {"a": {}}}');
  expect([plan.code, plan.stdout]).toEqual([2, expect.stringContaining("+ bucket/a\n")]);
  const nameless = await program.run(["plan", "-f", "-"], {}, "manifest: 1");
  expect([nameless.code, nameless.stderr]).toEqual([1, expect.stringContaining("the manifest has no name")]);
});

test("the folder holds what was asked for and nothing else", async () => {
  await program.run(["plan", "-f", manifest, "-o", program.path("plan.json")], secrets);
  await applied();
  expect(readdirSync(program.directory).sort()).toEqual(["own.txt", "plan.json", "relay.yaml"]);
});
