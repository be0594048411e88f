import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, bootAdminOn, type Credentials, writeWebhook } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
let mine: { id: string; name: string };
let theirs: { id: string; name: string };

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
  mine = (await api.call(admin, "POST", "/v1/buckets", { name: "mine" })).json;
  theirs = (await api.call(admin, "POST", "/v1/buckets", { name: "theirs" })).json;
});
afterAll(() => api.close());

it("asks strangers for credentials in plain text, and reads no body of theirs", async () => {
  const nobody = { key: "11111111-1111-4111-8111-111111111111", secret: "x" };
  const agent = { authorization: "Bearer abc" };
  for (const answer of [
    await api.call(undefined, "GET", "/v1/buckets"),
    await api.call(undefined, "GET", "/v1/version"),
    await api.call(undefined, "POST", "/v1/buckets", "{not json"),
    await api.call(undefined, "GET", "/v1/buckets", undefined, agent),
    await api.call(nobody, "GET", "/v1/buckets"),
    await api.call({ ...admin, secret: "wrong" }, "GET", "/v1/buckets"),
    await api.call({ ...admin, secret: `${admin.secret}${"x".repeat(80)}` }, "GET", "/v1/buckets"),
  ]) {
    expect([answer.status, answer.text]).toEqual([401, "Unauthorized"]);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.headers["www-authenticate"]).toMatch(/^Basic /);
  }
});

it("refuses management to a token without api_access, but takes its reports", async () => {
  const agent = await api.token({ apiAccess: false });
  expect((await api.call(agent, "GET", "/v1/buckets")).status).toBe(403);
  expect((await api.call(agent, "POST", "/v1/tokens", {})).status).toBe(403);
  expect((await api.call(agent, "GET", "/v1/version")).status).toBe(200);
  const { id } = await writeWebhook(api, { bucketId: mine.id, outputId: mine.id });
  expect((await api.call(agent, "GET", `/v1/logs/${id}`)).status).toBe(403);
  expect((await api.call(agent, "PUT", `/v1/logs/${id}`, { status_code: 200 })).status).toBe(200);
});

it("tells its version, and where senders reach it", async () => {
  const { json } = await api.call(await api.token(), "GET", "/v1/version");
  expect(json).toMatchObject({ name: "relay", apiVersion: "v1", public_url: "http://relay.test" });
});

it.each(["id", "name"] as const)(
  "threat: a token of one bucket (scope by %s) reading or changing another",
  async (by) => {
    const limited = await api.token({ scopeBuckets: [mine[by]] });
    const { id } = await writeWebhook(api, {
      bucketId: theirs.id,
      outputId: theirs.id,
      body: Buffer.from("their secret"),
    });
    const own = await writeWebhook(api, { bucketId: mine.id, outputId: mine.id });
    const buckets = await api.call(limited, "GET", "/v1/buckets");
    expect(buckets.json.map(({ name }: { name: string }) => name)).toEqual(["mine"]);
    for (const [method, url, body] of [
      ["GET", `/v1/buckets/${theirs.id}`],
      ["GET", "/v1/buckets/theirs"],
      ["PUT", `/v1/buckets/${theirs.id}`, { description: "x" }],
      ["DELETE", `/v1/buckets/${theirs.id}?force=true`],
      ["POST", `/v1/buckets/${theirs.id}/inputs`, { name: "x" }],
      ["POST", `/v1/buckets/${theirs.id}/outputs`, { name: "x", destination: "http://evil" }],
      ["GET", "/v1/logs?bucket=theirs"],
      ["GET", `/v1/logs/${id}`],
      ["PUT", `/v1/logs/${id}`, { status_code: 200 }],
      ["POST", `/v1/logs/${id}/action`, { action: "resend" }],
      ["GET", `/v1/buckets/mine/logs/${id}`],
    ] as const) {
      const answer = await api.call(limited, method, url, body);
      expect([method, url, answer.status]).toEqual([method, url, 404]);
      expect(answer.text).not.toContain("their secret");
    }
    const logs = await api.call(limited, "GET", "/v1/logs");
    expect(logs.json.data.map((log: { bucket_id: string }) => log.bucket_id)).not.toContain(theirs.id);
    expect(logs.json.data.map((log: { id: string }) => log.id)).toContain(own.id);
    expect((await api.call(limited, "GET", `/v1/logs/${own.id}`)).status).toBe(200);
  },
);

it("threat: finding out other buckets' names; unknown and out of scope answer alike", async () => {
  const limited = await api.token({ scopeBuckets: ["mine"] });
  const known = await api.call(limited, "GET", "/v1/buckets/theirs");
  const unknown = await api.call(limited, "GET", "/v1/buckets/nobody");
  expect(known.text.replace("theirs", "nobody")).toBe(unknown.text);
});

it("threat: a limited token widening its own scope", async () => {
  const limited = await api.token({ scopeBuckets: ["mine"] });
  const tunnels = await api.token({ scopeTunnels: ["t"] });
  for (const credentials of [limited, tunnels]) {
    expect(
      (await api.call(credentials, "PUT", `/v1/tokens/${credentials.key}`, { api_access: "enabled" })).status,
    ).toBe(403);
    expect((await api.call(credentials, "POST", "/v1/tokens", {})).status).toBe(403);
    expect((await api.call(credentials, "GET", "/v1/tokens")).status).toBe(403);
    expect((await api.call(credentials, "DELETE", `/v1/tokens/${admin.key}`)).status).toBe(403);
  }
  expect((await api.call(limited, "POST", "/v1/buckets", { name: "new" })).status).toBe(403);
  expect((await api.call(tunnels, "POST", "/v1/buckets", { name: "by tunnels" })).status).toBe(201);
});

it("a token limited by name may rename its bucket, and then no longer sees it", async () => {
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "old name" });
  const limited = await api.token({ scopeBuckets: ["old name"] });
  expect((await api.call(limited, "PUT", `/v1/buckets/${json.id}`, { name: "new name" })).status).toBe(200);
  expect((await api.call(limited, "GET", `/v1/buckets/${json.id}`)).status).toBe(404);
});

it("threat: brute force; guessing is slowed down, but right credentials behind the same address pass", async () => {
  await api.call(admin, "GET", "/v1/buckets");
  const victim = await api.token();
  const statuses: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    const answer = await api.call({ key: victim.key, secret: `guess ${i}` }, "GET", "/v1/buckets");
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  }
  expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
  expect(statuses.slice(10)).toEqual(Array.from({ length: 20 }, () => 429));
  expect((await api.call(admin, "GET", "/v1/buckets")).status).toBe(200);
  // Never seen before, same address, another key: not locked out either.
  expect((await api.call(await api.token(), "GET", "/v1/buckets")).status).toBe(200);
});

it("threat: secrets in the log", async () => {
  const secret = "a-secret-that-nobody-may-read";
  await api.call({ key: admin.key, secret }, "GET", "/v1/buckets");
  await api.call(admin, "GET", "/v1/buckets");
  const log = api.logged.join("");
  expect(log).not.toContain(secret);
  expect(log).not.toContain(admin.secret);
});

it("slows down a token that asks too often", async () => {
  const slow = await bootAdmin({ requestLimit: { burst: 3, perSecond: 0.1 } });
  try {
    const token = await slow.token();
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await slow.call(token, "GET", "/v1/version"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers[4]?.headers["retry-after"]).toBe("10");
    expect((await slow.call(await slow.token(), "GET", "/v1/version")).status).toBe(200);
  } finally {
    await slow.close();
  }
});

it("two merges of one bucket through two servers lose no field, also when hints are lost", async () => {
  const other = await bootAdminOn(api, { deaf: true });
  try {
    const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "race" });
    for (let i = 0; i < 10; i += 1) {
      await Promise.all([
        api.call(admin, "PUT", `/v1/buckets/${json.id}`, { description: `round ${i}` }),
        other.call(admin, "PUT", `/v1/buckets/${json.id}`, { large_webhooks: i % 2 === 0 }),
      ]);
      const after = await api.call(admin, "GET", `/v1/buckets/${json.id}`);
      expect(after.json).toMatchObject({ description: `round ${i}`, large_webhooks: i % 2 === 0 });
    }
  } finally {
    await other.stop();
  }
});

it("what is written through one server is read through another at once, revocation included, without a hint", async () => {
  const other = await bootAdminOn(api, { deaf: true });
  try {
    const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "across" });
    expect((await other.call(admin, "GET", `/v1/buckets/${json.id}`)).status).toBe(200);
    const token = (await api.call(admin, "POST", "/v1/tokens", {})).json;
    expect((await other.call(token, "GET", "/v1/buckets")).status).toBe(200);
    await api.call(admin, "DELETE", `/v1/tokens/${token.key}`);
    expect((await other.call(token, "GET", "/v1/buckets")).status).toBe(401);
  } finally {
    await other.stop();
  }
});

it("says who is asking, and lists connected agents of the buckets that the token may use", async () => {
  const output = (
    await api.call(admin, "POST", `/v1/buckets/${mine.id}/outputs`, { name: "out", destination: "http://d" })
  ).json;
  await api.pool.query(
    `INSERT INTO agents (token_id, name, version, transport, remote_address, output_ids, server_id, connected_at)
     VALUES ($1, 'host', '1.0', 'grpc', '192.0.2.9', $2::uuid[], 1, now()), ($1, 'away', '1.0', 'grpc', '', $2::uuid[], NULL, now())`,
    [admin.key, [output.id]],
  );
  const { status, json } = await api.call(admin, "GET", "/v1/connected-clients");
  expect([status, json]).toMatchObject([
    200,
    {
      webhook_clients: [
        {
          access_token_key: admin.key,
          name: "host",
          buckets: [mine.id],
          client_ip: "192.0.2.9",
          client_type: "grpc",
          client_version: "1.0",
          destination: "http://d",
        },
      ],
      tunnel_clients: [],
    },
  ]);
  const stranger = await api.token({ scopeBuckets: ["theirs"] });
  expect((await api.call(stranger, "GET", "/v1/connected-clients")).json.webhook_clients).toEqual([]);
  expect((await api.call(admin, "GET", "/v1/user/info")).json).toMatchObject({
    status: "ok",
    data: { id: admin.key, role: "admin" },
  });
  expect((await api.call(stranger, "GET", "/v1/user/info")).json.data.role).toBe("member");
});
