import { afterAll, beforeAll, expect, test } from "vitest";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let client: ManifestClient;

beforeAll(async () => {
  server = await runServer();
  client = manifestClient(server);
});
afterAll(() => server?.close());

const orders = (from: string) => ({
  buckets: {
    orders: {
      inputs: { api: { response_from_output: from, response_timeout: 25 } },
      outputs: { backend: { destination: "http://orders.internal/hooks" } },
    },
  },
});

test("an input says whose answer its senders get; an output that the bucket does not have is told with its place", async () => {
  expect((await client.tryPlan("team", orders("backand"))).json.problems).toEqual([
    expect.objectContaining({
      path: "buckets.orders.inputs.api.response_from_output",
      message: 'names the output "backand", which bucket "orders" does not have',
    }),
  ]);
  await client.planAndApply("team", orders("backend"));
  expect((await server.must("GET", "/v1/buckets/orders")).inputs).toMatchObject([
    { response_from_output: "backend", response_timeout: 25 },
  ]);
  expect((await client.plan("team", orders("backend"))).changes).toEqual([]);
  const plan = await client.plan("team", orders("anyOutput"));
  expect(plan.changes).toMatchObject([{ attributes: [{ path: "response_from_output" }] }]);
  await client.apply("team", orders("anyOutput"), plan);
  const { content } = await server.must("GET", "/v1/export");
  expect(content.buckets.orders.inputs.api).toEqual({ response_from_output: "anyOutput", response_timeout: 25 });
});
