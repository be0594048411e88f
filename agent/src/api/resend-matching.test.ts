import { expect, test } from "vitest";
import { CliError, EXIT } from "../cli/exit-codes.js";
import type { ApiClient } from "./api-client.js";
import { resendMatching } from "./resend-matching.js";

/** Made at 2026-01-31T12:00:00.123Z. */
const NEWEST = "019c13ec-9e7b-7000-8000-000000000001";
const NEWEST_TIME = "2026-01-31T12:00:00.123Z";

/** A client that gives the answers in order and keeps what was asked; an error among them is thrown. */
function apiOf(...answers: readonly unknown[]) {
  const asked: { readonly call: string; readonly body: unknown }[] = [];
  const left = [...answers];
  const api: ApiClient = {
    address: "http://localhost",
    send: () => Promise.reject(new Error("not used")),
    close: () => Promise.resolve(),
    json<T>(method: string, path: string, body?: unknown): Promise<T> {
      asked.push({ call: `${method} ${path}`, body });
      const answer = left.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
    },
  };
  return { api, asked };
}

test("goes through all pages and adds up, up to the newest of before the first page", async () => {
  const { api, asked } = apiOf(
    { data: [{ id: NEWEST }] },
    { resent: 1_000, skipped: 0, next_cursor: "c1" },
    { resent: 990, skipped: 10, next_cursor: "c2" },
    { resent: 3, skipped: 0 },
  );
  const range = { bucketId: "b1", status: "failed", from: "2026-01-30" };
  expect(await resendMatching(api, range)).toEqual({ resent: 1_993, skipped: 10 });
  expect(asked[0]?.call).toBe("GET /v1/logs?bucket=b1&status=failed&from=2026-01-30&limit=1&body=false");
  const body = { bucket: "b1", status: "failed", from: "2026-01-30", to: NEWEST_TIME, limit: 1_000 };
  expect(asked.slice(1).map(({ call }) => call)).toEqual(Array(3).fill("POST /v1/logs/resend"));
  expect(asked.slice(1).map((one) => one.body)).toEqual([body, { ...body, cursor: "c1" }, { ...body, cursor: "c2" }]);
});

test("a given end limits the search for the newest one", async () => {
  const { api, asked } = apiOf({ data: [{ id: NEWEST }] }, { resent: 1, skipped: 0 });
  await resendMatching(api, { bucketId: "b1", status: "stalled", to: "2026-01-31" });
  expect(asked[0]?.call).toContain("to=2026-01-31");
  expect(asked[1]?.body).toMatchObject({ to: NEWEST_TIME });
});

test("nothing there, nothing sent", async () => {
  const { api, asked } = apiOf({ data: null });
  expect(await resendMatching(api, { bucketId: "b1", status: "stalled" })).toEqual({ resent: 0, skipped: 0 });
  expect(asked).toHaveLength(1);
});

test("a failure between pages says how many went out", async () => {
  const failure = new CliError("cannot reach it", EXIT.unreachable);
  const { api } = apiOf({ data: [{ id: NEWEST }] }, { resent: 1_000, skipped: 0, next_cursor: "c1" }, failure);
  await expect(resendMatching(api, { bucketId: "b1", status: "stalled" })).rejects.toMatchObject({
    message: "cannot reach it. 1000 were sent again before it, oldest first",
    exitCode: EXIT.unreachable,
  });
});
