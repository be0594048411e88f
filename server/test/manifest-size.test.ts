import { afterAll, beforeAll, expect, test } from "vitest";
import { bootAdmin, type Credentials } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api?.close());

const BODY = "x".repeat(60_000);
const big = (inputs: number) => ({
  manifest: {
    buckets: {
      big: { inputs: Object.fromEntries(Array.from({ length: inputs }, (_, i) => [`in-${i}`, { body: BODY }])) },
    },
  },
});

test("threat: a manifest of 16 MB is taken, a larger one is not, and other routes keep their 1 MB", async () => {
  expect((await api.call(admin, "POST", "/v1/manifests/team/plan", big(250))).status).toBe(200);
  const refused = await api.call(admin, "POST", "/v1/manifests/team/plan", big(300));
  expect([refused.status, refused.text]).toEqual([413, "The body is larger than 16 MB, the most that is taken here."]);
  const other = await api.call(admin, "POST", "/v1/buckets", { name: "x", description: "x".repeat(1_100_000) });
  expect([other.status, other.text]).toEqual([413, "The body is larger than 1 MB, the most that is taken here."]);
});
