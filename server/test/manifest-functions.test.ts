import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let client: ManifestClient;

beforeAll(async () => {
  server = await runServer();
  client = manifestClient(server);
});
afterAll(() => server?.close());
beforeEach(() => client.clear());

const ONLY_PUSHES = {
  functions: { pushes: { payload: "r.setBody(cfg.get('KEY') ?? 'none')", variables: { KEY: "first", OLD: "x" } } },
  buckets: {
    github: {
      inputs: { push: { function: "pushes" } },
      outputs: { ci: { destination: "http://ci.internal/hooks", function: "pushes" } },
    },
  },
};

async function bodyOf(name: string): Promise<string> {
  const { request } = await server.must("POST", `/v1/functions/${name}/invoke`, {});
  return Buffer.from(request.body, "base64").toString();
}

test("makes functions and what names them, and finds nothing left to do", async () => {
  const plan = await client.plan("team", ONLY_PUSHES);
  expect(plan.summary).toMatchObject({ create: 4 });
  expect(JSON.stringify(plan)).not.toContain("first");
  await client.apply("team", ONLY_PUSHES, plan);
  const { id } = await server.must("GET", "/v1/functions/pushes");
  expect((await server.must("GET", "/v1/buckets/github")).inputs).toMatchObject([
    { function: "pushes", function_id: id },
  ]);
  expect((await client.plan("team", ONLY_PUSHES)).changes).toEqual([]);
  expect(await bodyOf("pushes")).toBe("first");
  expect(await server.must("GET", "/v1/export")).toMatchObject({
    content: { functions: { pushes: { payload: ONLY_PUSHES.functions.pushes.payload } } },
  });
});

test("another value of a variable is a change that shows no value; one that is not declared goes", async () => {
  await client.planAndApply("team", ONLY_PUSHES);
  const { pushes } = ONLY_PUSHES.functions;
  const next = { ...ONLY_PUSHES, functions: { pushes: { ...pushes, variables: { KEY: "second" } } } };
  const plan = await client.plan("team", next);
  expect(plan.changes.map(({ path, attributes }) => ({ path, attributes }))).toEqual([
    {
      path: ["pushes"],
      attributes: [
        { path: "variables.KEY", secret: true },
        { path: "variables.OLD", secret: true },
      ],
    },
  ]);
  await client.apply("team", next, plan);
  expect(await bodyOf("pushes")).toBe("second");
  expect((await server.must("GET", "/v1/functions/pushes")).variable_names).toEqual(["KEY"]);
  // Who leaves them out keeps them.
  const without = { ...ONLY_PUSHES, functions: { pushes: { payload: pushes.payload } } };
  expect((await client.plan("team", without)).changes).toEqual([]);
});

test("goes with what named it, in one plan", async () => {
  await client.planAndApply("team", ONLY_PUSHES);
  const rest = { buckets: { github: { inputs: { push: null } } } };
  const applied = await client.planAndApply("team", rest);
  expect(applied.plan.summary).toMatchObject({ update: 1, delete: 2 });
  expect(await server.must("GET", "/v1/functions")).toEqual([]);
});

async function problems(manifest: object): Promise<unknown> {
  const answer = await server.api("POST", "/v1/manifests/team/plan", { manifest });
  expect(answer.status).toBe(400);
  return answer.json.problems;
}

test("a source that does not parse, and a function that is not there, are told with their places", async () => {
  const manifest = {
    functions: { wrong: { payload: "let a = 1;\nlet b = ;" } },
    buckets: { github: { inputs: { push: { function: "nowhere" } } } },
  };
  expect(await problems(manifest)).toEqual([
    expect.objectContaining({
      path: "functions.wrong.payload",
      message: expect.stringMatching(/^line 2, column 9: SyntaxError/),
    }),
    expect.objectContaining({
      path: "buckets.github.inputs.push.function",
      message: 'names the function "nowhere", which is not there and not declared',
    }),
  ]);
});

test("a function that others use is not taken away from them", async () => {
  await client.planAndApply("team", { functions: ONLY_PUSHES.functions });
  await server.must("POST", "/v1/buckets", { name: "theirs", default_input: false });
  await server.must("POST", "/v1/buckets/theirs/inputs", { name: "in", function: "pushes" });
  expect(await problems({})).toEqual([
    expect.objectContaining({
      path: "functions.pushes",
      message: "would be deleted, and input/theirs/in uses it",
    }),
  ]);
  await server.must("DELETE", "/v1/buckets/theirs?force=true");
});
